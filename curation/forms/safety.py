"""Who decides on locked items."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from curation.models import Project


class ContactForm(forms.Form):
    """The member who is the escalation contact; nobody named means the curators."""

    contact = forms.ModelChoiceField(
        label=_("Who decides on locked items"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("the curators"),
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = User.objects.filter(memberships__project=project, is_active=True)
        self.fields["contact"].queryset = members.order_by("username")  # type: ignore[attr-defined]
        self.fields["contact"].initial = project.escalation_contact_id
