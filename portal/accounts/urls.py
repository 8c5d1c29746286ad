from allauth.account import urls as allauth
from django.urls import include, path

from portal.accounts import views

urlpatterns = [
    path("link/", views.LinkView.as_view(), name="account_link"),
    path("tokens/", views.tokens, name="account_tokens"),
    path("tokens/<str:key>/revoke/", views.token_end, name="account_token_revoke"),
    path("", include(allauth)),
]
