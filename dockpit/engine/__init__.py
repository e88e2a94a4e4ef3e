"""The Docker Engine: the only importer of aiodocker, docker and aiohttp beside the simulated engine."""
