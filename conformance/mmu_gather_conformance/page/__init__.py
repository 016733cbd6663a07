# SPDX-License-Identifier: GPL-2.0-only
"""The report as a page: one file that a browser opens, and that asks nobody for anything.

`rows` sorts what was found by rule and arch; `exhibit` runs a finding again and draws it; `render` puts both into
`report.html.jinja`, with `report.css` and `report.js` inside.  Nothing is judged here: what a row says, the report
says, and a run that did not end is shown as one that did not end.
"""
