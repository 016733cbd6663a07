# SPDX-License-Identifier: GPL-2.0-only
"""The site and a report as a reader has them: in a browser, by day and by night, at a desk and on a phone."""
