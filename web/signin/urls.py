"""The addresses of signing in, under the names by which allauth leads from one to the other."""

from __future__ import annotations

from django.conf import settings
from django.urls import path

from web.signin import views

# Named although there is one only, for allauth asks for the address by this name.
PROVIDER = {"provider_id": settings.OIDC_ID}

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("logout/", views.SignOut.as_view(), name="logout"),
    path("accounts/confirm/", views.PasswordAgain.as_view(), name="account_reauthenticate"),
    path("accounts/password/", views.ChangePassword.as_view(), name="account_change_password"),
    path("accounts/second-factor/", views.Overview.as_view(), name="mfa_index"),
    path("accounts/second-factor/code/", views.SecondFactor.as_view(), name="mfa_authenticate"),
    path("accounts/second-factor/confirm/", views.CodeAgain.as_view(), name="mfa_reauthenticate"),
    path("accounts/second-factor/activate/", views.Activate.as_view(), name="mfa_activate_totp"),
    path("accounts/second-factor/deactivate/", views.Deactivate.as_view(), name="mfa_deactivate_totp"),
    path("accounts/recovery-codes/", views.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path(
        "accounts/recovery-codes/new/", views.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"
    ),
    path("accounts/provider/", views.to_provider, PROVIDER, name="openid_connect_login"),
    path("accounts/provider/back/", views.from_provider, PROVIDER, name="openid_connect_callback"),
]
