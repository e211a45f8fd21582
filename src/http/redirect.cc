#include "http/redirect.h"

#include "base/format.h"
#include "http/url.h"

namespace holdfast::http {
namespace {

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Result<void> CheckHop(const Url& from, const Url& to, const RedirectPolicy& policy, const AddressPolicy& addresses) {
  if (from.scheme == "https" && to.scheme == "http" && !policy.allow_downgrade)
    return Fail(ErrorKind::kDenied, Format("{} redirects to unencrypted {}", from.host, to.Origin()));
  if (const auto checked = CheckHost(to.host, addresses); !checked)
    return std::unexpected(checked.error().In(Format("a redirect of {}", from.host)));
  return {};
}

}  // namespace

Result<Response> SendFollowing(Client& client, Request request, const RedirectPolicy& policy) {
  HF_TRY(Url here, Url::Parse(request.url));
  for (int hop = 0; hop <= policy.hops_max; ++hop) {
    auto sent = client.Send(request);
    if (!sent && hop > 0 && sent.error().Kind() == ErrorKind::kDenied)
      return std::unexpected(std::move(sent).error().In("a redirect"));
    HF_TRY(Response response, std::move(sent));
    response.url = request.url;
    const bool followable = request.method == "GET" || request.method == "HEAD";
    if (!IsRedirect(response.status) || !followable) return response;
    const auto location = response.headers.Find("Location");
    if (!location) return Fail(ErrorKind::kCorrupt, Format("{} redirects to nowhere", here.host));
    HF_TRY_IN(Format("{} redirects badly", here.host), const Url next, here.Resolve(*location));
    request.addresses = request.addresses.AtMost(response.peer);
    HF_CHECK_OK(CheckHop(here, next, policy, request.addresses));
    if (next.Origin() != here.Origin()) {
      request.headers.Remove("Authorization");
      request.headers.Remove("Cookie");
      request.tls.client_certificate_file.clear();
      request.tls.client_key_file.clear();
    }
    here = next;
    request.url = here.Text();
  }
  return Fail(ErrorKind::kCorrupt, Format("{} redirects more than {} times", here.host, policy.hops_max));
}

}  // namespace holdfast::http
