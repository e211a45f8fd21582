// Which proxy a request goes through: the usual environment variables, read as curl reads them. They are read
// here and not by the library, because who is at the other end of a connection must be known to judge its address.
#pragma once

#include <string>

#include "http/url.h"

namespace holdfast::http {

// An empty one counts as absent.
struct ProxyVariables {
  std::string http;   // http_proxy; in capitals it could come from a request's "Proxy" header, so it is not read
  std::string https;  // https_proxy, HTTPS_PROXY
  std::string all;    // all_proxy, ALL_PROXY
  // no_proxy, NO_PROXY: "*", or names with all that is below them, addresses and address/bits, divided by
  // commas or blanks.
  std::string none;

  [[nodiscard]] static ProxyVariables OfProcess();
};

// As the variable has it; empty: no proxy. Loopback never has one: nobody's proxy can reach this machine's ports.
[[nodiscard]] std::string ProxyFor(const Url& url, const ProxyVariables& variables);

}  // namespace holdfast::http
