"""The only place that formats results: text or JSON."""
