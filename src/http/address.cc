// A table of prefixes, most special first; the first that fits decides. IPv4 stands in it as ::ffff:a.b.c.d, so
// that there is one table and one comparison. What carries an IPv4 address is unwrapped before.

#include "http/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <system_error>

#include "base/format.h"
#include "http/client.h"

namespace holdfast::http {
namespace {

using enum AddressClass;

struct Range {
  std::array<std::uint8_t, 16> prefix;
  unsigned bits;
  AddressClass address_class;
};

constexpr unsigned kMappedBits = 96;

constexpr Range V4(std::array<std::uint8_t, 4> prefix, unsigned bits, AddressClass address_class) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, prefix[0], prefix[1], prefix[2], prefix[3]},
          kMappedBits + bits,
          address_class};
}

constexpr Range kRanges[] = {
    V4({100, 100, 100, 200}, 32, kNever),  // metadata of Alibaba Cloud
    V4({168, 63, 129, 16}, 32, kNever),    // Azure's, from inside
    V4({192, 0, 0, 192}, 32, kNever),      // Oracle Cloud's, once
    V4({0, 0, 0, 0}, 32, kLoopback),       // "this host": Linux connects to itself
    V4({0, 0, 0, 0}, 8, kNever),
    V4({10, 0, 0, 0}, 8, kPrivate),
    V4({100, 64, 0, 0}, 10, kPrivate),  // shared by carriers
    V4({127, 0, 0, 0}, 8, kLoopback),
    V4({169, 254, 0, 0}, 16, kNever),
    V4({172, 16, 0, 0}, 12, kPrivate),
    V4({192, 0, 0, 0}, 24, kPrivate),
    V4({192, 168, 0, 0}, 16, kPrivate),
    V4({198, 18, 0, 0}, 15, kPrivate),  // for measuring equipment
    V4({224, 0, 0, 0}, 4, kNever),      // multicast
    V4({240, 0, 0, 0}, 4, kNever),      // reserved, broadcast
    V4({0, 0, 0, 0}, 0, kPublic),
    {{}, 128, kLoopback},  // ::, as 0.0.0.0
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, kLoopback},
    {{0xfd, 0x00, 0x0e, 0xc2}, 32, kNever},                                                   // metadata of Amazon
    {{0xfd, 0x20, 0x00, 0xce}, 32, kNever},                                                   // of Google
    {{0xfd, 0x00, 0x00, 0xc1, 0, 0, 0, 0, 0, 0, 0, 0, 0xa9, 0xfe, 0xa9, 0xfe}, 128, kNever},  // of Oracle
    {{0xfd, 0x00, 0x00, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x42}, 128, kNever},           // of Scaleway
    {{0xfc}, 7, kPrivate},
    {{0xfe, 0x80}, 10, kNever},
    {{0xfe, 0xc0}, 10, kPrivate},  // site-local, as it once was
    {{0xff}, 8, kNever},           // multicast
    {{0x20}, 3, kPublic},          // all that is given out
    {{}, 0, kNever},
};

// Where an IPv4 address is inside an IPv6 address.
struct Carrier {
  std::array<std::uint8_t, 16> prefix;
  unsigned bits;
  std::size_t at;
  std::uint8_t mask;      // the bytes are stored xor this
  AddressClass at_least;  // as private as that in any case
};

constexpr Carrier kCarriers[] = {
    {{0, 0x64, 0xff, 0x9b}, 96, 12, 0, kPublic},                 // NAT64, RFC 6052
    {{0, 0x64, 0xff, 0x9b, 0, 1}, 48, 12, 0, kPrivate},          // NAT64 of a site, RFC 8215
    {{0x20, 0x02}, 16, 2, 0, kPublic},                           // 6to4, RFC 3056
    {{0x20, 0x01, 0, 0}, 32, 12, 0xff, kPublic},                 // Teredo, RFC 4380
    {{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 12, 0, kPublic},  // translated, RFC 2765
    {{}, 96, 12, 0, kPublic},                                    // compatible, RFC 4291 section 2.5.5.1
};

constexpr std::array<std::string_view, 4> kMetadataNames = {"metadata.google.internal", "metadata.goog", "metadata",
                                                            "instance-data"};

AddressClass FromTable(const IpAddress& address) {
  for (const Range& range : kRanges)
    if (HasPrefix(address, {range.prefix}, range.bits)) return range.address_class;
  return kNever;
}

// "[fe80::1%eth0]" → "fe80::1"; "example.com." → "example.com"
std::string_view Bare(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  host = host.substr(0, host.find('%'));
  while (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

}  // namespace

std::string_view NameOf(AddressClass address_class) {
  switch (address_class) {
    case kPublic: return "public";
    case kPrivate: return "private";
    case kLoopback: return "loopback";
    case kNever: return "link-local, metadata or reserved";
  }
  return "";
}

std::optional<IpAddress> IpAddress::FromBytes(Bytes network_order) {
  IpAddress address;
  if (network_order.size() == 16) {
    std::ranges::copy(network_order, address.bytes.begin());
    return address;
  }
  if (network_order.size() != 4) return std::nullopt;
  address.bytes[10] = address.bytes[11] = 0xff;
  std::ranges::copy(network_order, address.bytes.begin() + 12);
  return address;
}

std::optional<IpAddress> IpAddress::Parse(std::string_view host) {
  const std::string text(Bare(host));
  if (text.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address;
  if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) return address;
  in_addr ipv4{};
  if (inet_aton(text.c_str(), &ipv4) == 0) return std::nullopt;
  std::array<std::uint8_t, 4> bytes{};
  std::memcpy(bytes.data(), &ipv4, bytes.size());
  return FromBytes(bytes);
}

bool IpAddress::IsIpv4() const {
  constexpr IpAddress kMapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};
  return HasPrefix(*this, kMapped, kMappedBits);
}

std::string IpAddress::Text() const {
  if (IsIpv4()) return Format("{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(AF_INET6, bytes.data(), text.data(), text.size()) == nullptr ? "" : text.data();
}

bool HasPrefix(const IpAddress& address, const IpAddress& prefix, unsigned bits) {
  for (unsigned i = 0; i < bits && i < 128; ++i) {
    const unsigned different = static_cast<unsigned>(address.bytes[i / 8] ^ prefix.bytes[i / 8]);
    if ((different >> (7 - i % 8) & 1U) != 0) return false;
  }
  return true;
}

AddressClass ClassOf(const IpAddress& address) {
  const AddressClass own = FromTable(address);
  // :: and ::1 look like carriers, and are none.
  if (address.IsIpv4() || own == kLoopback) return own;
  for (const Carrier& carrier : kCarriers) {
    if (!HasPrefix(address, {carrier.prefix}, carrier.bits)) continue;
    std::array<std::uint8_t, 4> carried{};
    for (std::size_t i = 0; i < carried.size(); ++i)
      carried[i] = static_cast<std::uint8_t>(address.bytes[carrier.at + i] ^ carrier.mask);
    const auto ipv4 = IpAddress::FromBytes(carried);
    return std::max(carrier.at_least, ipv4 ? FromTable(*ipv4) : kNever);
  }
  return own;
}

std::optional<AddressClass> ClassOfHost(std::string_view host) {
  if (const auto address = IpAddress::Parse(host)) return ClassOf(*address);
  const std::string_view name = Bare(host);
  if (EqualsIgnoringCase(name, "localhost")) return kLoopback;
  if (std::ranges::any_of(kMetadataNames, [&](std::string_view m) { return EqualsIgnoringCase(name, m); }))
    return kNever;
  return std::nullopt;
}

Error RefusedAddress(std::string_view host, std::string_view address, AddressClass address_class) {
  const std::string leads = address.empty() || address == host ? "" : Format(" leads to {}, which", address);
  return Error(ErrorKind::kDenied, Format("{}{} is a {} address: refused", host, leads, NameOf(address_class)));
}

Result<AddressRange> AddressRange::Parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::Parse(text.substr(0, slash));
  if (!address) return Fail(ErrorKind::kInvalidInput, Format("'{}' is no range of addresses", text.substr(0, 64)));
  AddressRange range{.prefix = *address};
  if (slash == std::string_view::npos) return range;
  const std::string_view digits = text.substr(slash + 1);
  const unsigned bits_max = address->IsIpv4() ? 128 - kMappedBits : 128;
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size() || bits > bits_max)
    return Fail(ErrorKind::kInvalidInput, Format("'{}' is no range of addresses", text.substr(0, 64)));
  range.bits = bits + 128 - bits_max;
  return range;
}

bool AddressPolicy::Allows(const IpAddress& address) const {
  const AddressClass address_class = ClassOf(address);
  if (Allows(address_class)) return true;
  return address_class != kNever &&
         std::ranges::any_of(exceptions, [&](const AddressRange& range) { return range.Holds(address); });
}

Result<void> CheckHost(std::string_view host, const AddressPolicy& policy) {
  const auto address_class = ClassOfHost(host);
  if (!address_class || policy.Allows(*address_class)) return {};
  if (const auto address = IpAddress::Parse(host); address && policy.Allows(*address)) return {};
  // "localhost": the client judges the address that it connects to.
  if (*address_class == kLoopback && !policy.exceptions.empty() && !IpAddress::Parse(host)) return {};
  return std::unexpected(RefusedAddress(host, "", *address_class));
}

}  // namespace holdfast::http
