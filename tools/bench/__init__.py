"""Measure what this template costs beside plain Copier, Plop and Hygen (`make bench`).

Only ratios mean anything: what is compared runs in turn (A B A B …), whole processes of the real command lines. The
plain templates are made from this template's own output, and are checked to render the same bytes.
"""
