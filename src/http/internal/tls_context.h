// What a server needs for TLS: versions from 1.2, AEAD ciphers with forward secrecy, its certificate and key.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "http/server.h"

namespace boost::asio::ssl {
class context;
}

namespace holdfast::http {

using TlsContext = std::unique_ptr<boost::asio::ssl::context, void (*)(boost::asio::ssl::context*)>;

// kInvalidInput, naming the file, when the certificate, the chain or the key cannot be used or do not belong together.
[[nodiscard]] Result<TlsContext> MakeTlsContext(const ServerTls& tls);

}  // namespace holdfast::http
