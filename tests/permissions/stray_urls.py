"""The site with one page more, for which nobody has written a row."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def stray(request: HttpRequest, slug: str) -> HttpResponse:
    return HttpResponse(slug)


urlpatterns = [path("", include("config.urls")), path("<slug:slug>/stray", stray)]
