"""The events that the Wix SDK publishes: look-ups, search, choices for the dialogue and sample payloads."""

from __future__ import annotations

from .choices import choice_label as choice_label
from .choices import deprecation as deprecation
from .choices import event_choices as event_choices
from .choices import match_choices as match_choices
from .choices import product_choices as product_choices
from .events import catalogue as catalogue
from .events import event_texts as event_texts
from .events import find_event as find_event
from .events import identity as identity
from .events import package_version as package_version
from .events import product_title as product_title
from .samples import event_sample as event_sample
from .search import search as search
