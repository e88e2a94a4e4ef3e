"""One Docker engine: its address, connection and API. No other package uses aiodocker; simulate too uses aiohttp."""
