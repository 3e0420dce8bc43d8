"""The network address of whoever asks: believed from trusted proxies only, and known to the rest as a keyed hash of a day."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import Request

from commentbox.server.base import clock
from commentbox.server.gate.instance import instance_of


def address_mac(request: Request) -> str:
    """Give the hash that rate budgets and reports know an address by; its key changes every day (UTC)."""
    instance = instance_of(request)
    address = client_address(request, instance.settings.trusted_proxies)
    return instance.keyring.address_mac(network_of(address), clock.now().date())


def seen_from(request: Request) -> str:
    """Give the writer's network address, where the operator lets a helper have it; else nothing."""
    instance = instance_of(request)
    return client_address(request, instance.settings.trusted_proxies) if instance.help.wants_address else ""


def client_address(request: Request, trusted: str) -> str:
    """Give the address of the client: the nearest one in X-Forwarded-For that is no trusted proxy."""
    peer = request.client.host if request.client else "0.0.0.0"
    proxies = _networks(trusted)
    hops = [hop.strip() for line in request.headers.getlist("x-forwarded-for") for hop in line.split(",")]
    while hops and _inside(peer, proxies):
        peer = hops.pop()
    return peer


def network_of(address: str) -> str:
    """Give an IPv4 address as it is and an IPv6 address by its /64, which one household shares."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(ip_network(f"{parsed}/64", strict=False))
    return str(parsed) if parsed else "unknown"


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address.strip("[]").split("%")[0])
    except ValueError:
        return None


def _inside(address: str, networks: tuple) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in networks)


@lru_cache(maxsize=4)
def _networks(trusted: str) -> tuple:
    return tuple(ip_network(each.strip(), strict=False) for each in trusted.split(",") if each.strip())
