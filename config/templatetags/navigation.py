"""The navigation of a project: only what the person's role may open."""

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from curation.permissions import MAY, Act, role_of

register = template.Library()

# Address name, label, the acts of which one is enough, and further addresses under the same tab.
TABS = (
    ("overview", _("Overview"), (Act.CURATE,), ()),
    ("items", _("Items"), (Act.CURATE,), ("item", "import")),
    (
        "drafting",
        _("Drafting"),
        (Act.CURATE,),
        ("run", "batches", "call", "endpoints", "endpoint", "expansion", "economics"),
    ),
    ("campaigns", _("Campaigns"), (Act.CURATE,), ("campaign",)),
    ("disputes", _("Disputes"), (Act.REVIEW,), ("matter",)),
    ("releases", _("Releases"), (Act.READ,), ("release",)),
    ("subjects", _("Subjects"), (Act.CURATE,), ("answers",)),
    ("scores", _("Scores"), (Act.READ,), ()),
    ("taxonomy", _("Taxonomy"), (Act.CURATE,), ("taxonomy-draft", "taxonomy-draft-tag")),
    ("members", _("Members"), (Act.CURATE,), ()),
    ("safety", _("Safety"), (Act.CURATE,), ("locked",)),
)


@register.simple_tag(takes_context=True)
def project_nav(context: Context) -> list[dict[str, object]]:
    """Return the tabs of the page's project that the person may open."""
    project = context["project"]
    request = context["request"]
    role = role_of(request.user, project)
    here = request.resolver_match.url_name if request.resolver_match else ""
    return [
        {
            "url": reverse(name, args=[project.slug]),
            "label": label,
            "current": here in (name, *more),
        }
        for name, label, acts, more in TABS
        if any(role in MAY[act] for act in acts)
    ]
