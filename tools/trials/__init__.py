"""What ``tools/campaign.py`` tries: a module a kind, the commands tried, and how their ends are judged."""
