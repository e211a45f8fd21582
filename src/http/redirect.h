// Following redirects by hand, so that what was meant for one host never reaches another.
#pragma once

#include "http/client.h"

namespace holdfast::http {

struct RedirectPolicy {
  int hops_max = 10;
  // May https lead to http? Only where the caller trusts the network anyway.
  bool allow_downgrade = false;
};

// Sends a GET or HEAD and follows 301, 302, 303, 307 and 308. Authorization, Cookie and the TLS client certificate
// go to the origin (scheme, host, port) of the first URL only; once dropped they stay dropped. Other
// methods are not followed. A hop leads to no address more private than any before it (address.h). kUnavailable never
// stands for a refused hop: that is kDenied.
[[nodiscard]] Result<Response> SendFollowing(Client& client, Request request, const RedirectPolicy& policy = {});

}  // namespace holdfast::http
