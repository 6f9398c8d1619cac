"""The pages of the site: the newsletter's own, the admin, and a way to sign in."""

from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/login/", LoginView.as_view(template_name="admin/login.html")),
    path("newsletter/", include("newsletter.urls")),
]
