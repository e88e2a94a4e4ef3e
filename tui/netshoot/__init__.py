"""Debug shells and recipes beside a container."""
