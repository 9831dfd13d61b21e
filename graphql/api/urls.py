from django.urls import path

from api.view import ApiView

urlpatterns = [
    path("graphql", ApiView.as_view(), name="graphql"),
]
