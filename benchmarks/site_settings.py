"""The settings of the site, with the floor's page beside its own."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.site_urls"
