"""Where somebody comes from, as far as an address tells."""

from ipaddress import IPv6Address, ip_address, ip_network

# An IPv6 network of one household, every address of which any machine in it may take (RFC 6177, RFC 8981).
_NETWORK_BITS = 64


def place_of(host: str) -> str:
    """Return what stands for everybody who may come by an address: itself, or its IPv6 network."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        # No address, but a name: of a socket's file, or of nobody.
        return host
    if isinstance(address, IPv6Address) and not address.is_loopback:
        return str(address.ipv4_mapped or ip_network((address, _NETWORK_BITS), strict=False))
    return str(address)
