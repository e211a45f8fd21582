// Where an address leads, and which addresses a request may connect to: the guard against requests that a
// server, a redirect or a resolver turns towards the inside (server-side request forgery, DNS rebinding).
//
// Classes, from open to private: public; private (RFC 1918, RFC 4193, RFC 6598 and what else never leaves a
// site); loopback; and what is never connected to: link-local, the addresses under which clouds serve
// credentials, multicast, reserved. An address that carries an IPv4 address (mapped, compatible, NAT64, 6to4,
// Teredo) is as private as that one. Tables: IANA special-purpose address registries (RFC 6890).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::http {

// In order: each is more private than those before it.
enum class AddressClass : std::uint8_t { kPublic, kPrivate, kLoopback, kNever };

[[nodiscard]] std::string_view NameOf(AddressClass address_class);  // "private"

// IPv6, or IPv4 as ::ffff:a.b.c.d.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  // Four or sixteen bytes in network order; of any other length: nothing.
  [[nodiscard]] static std::optional<IpAddress> FromBytes(Bytes network_order);
  // Of a URL's host, with or without brackets and zone; IPv4 in any notation that resolvers take ("127.1",
  // "0x7f000001", "2852039166"). Nothing for a name.
  [[nodiscard]] static std::optional<IpAddress> Parse(std::string_view host);

  [[nodiscard]] bool IsIpv4() const;
  [[nodiscard]] std::string Text() const;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

[[nodiscard]] AddressClass ClassOf(const IpAddress& address);
// Of a host that tells its class without a resolver: an address, "localhost", or a name under which clouds serve
// instance credentials. Nothing for other names.
[[nodiscard]] std::optional<AddressClass> ClassOfHost(std::string_view host);
// Is everything in `address` up to bit `bits` as in `prefix`? `bits` counts from the start of sixteen bytes.
[[nodiscard]] bool HasPrefix(const IpAddress& address, const IpAddress& prefix, unsigned bits);

// A block of addresses.
struct AddressRange {
  IpAddress prefix;
  unsigned bits = 128;  // as in HasPrefix

  // "10.0.0.0/8", "fd00::/8", or one address. kInvalidInput.
  [[nodiscard]] static Result<AddressRange> Parse(std::string_view text);
  [[nodiscard]] bool Holds(const IpAddress& address) const { return HasPrefix(address, prefix, bits); }
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

// What a request may connect to. A value: registries allow what is no more private than themselves; whoever
// sends to addresses that strangers chose asks for kPublic.
struct AddressPolicy {
  AddressClass most_private = AddressClass::kLoopback;  // kNever counts as kLoopback
  std::vector<AddressRange> exceptions = {};            // allowed too, but for what is never connected to

  [[nodiscard]] bool Allows(AddressClass address_class) const {
    return address_class <= most_private && address_class != AddressClass::kNever;
  }
  [[nodiscard]] bool Allows(const IpAddress& address) const;
  // Nothing more private than that, and no exceptions.
  [[nodiscard]] AddressPolicy AtMost(AddressClass address_class) const {
    return {most_private < address_class ? most_private : address_class};
  }
};

// kDenied when `host` tells its class and the policy does not allow it. Names pass: the client judges the address
// that it connects to. "HOST is a link-local or metadata address: refused".
[[nodiscard]] Result<void> CheckHost(std::string_view host, const AddressPolicy& policy);

// The error for a host whose address is not allowed; `address` is empty when the host says it all.
[[nodiscard]] Error RefusedAddress(std::string_view host, std::string_view address, AddressClass address_class);

}  // namespace holdfast::http
