#include "http/internal/tls_context.h"

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <string>
#include <string_view>

#include "base/format.h"

namespace holdfast::http {
namespace {

namespace ssl = boost::asio::ssl;

constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";  // of TLS 1.2; those of 1.3 are all fine
constexpr int kChainMax = 32;

std::unexpected<Error> Unusable(std::string_view what, const std::string& file) {
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  ERR_clear_error();
  return Fail(ErrorKind::kInvalidInput, Format("the {} '{}' cannot be used: {}", what, file, reason.data()));
}

// Who offers protocols without HTTP/1.1 among them gets no opinion, and then HTTP/1.1.
int SelectProtocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                   unsigned int offered_size, void*) {
  constexpr std::string_view kWanted = "\x08http/1.1";
  const auto* wanted = reinterpret_cast<const unsigned char*>(kWanted.data());
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_size, wanted, static_cast<unsigned>(kWanted.size()), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

// A key with a passphrase is refused: nobody is there to type it.
int NoPassphrase(char*, int, int, void*) { return -1; }

Result<void> AddChain(SSL_CTX* context, const std::string& file) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_file(file.c_str(), "r"), &BIO_free);
  if (bio == nullptr) return Unusable("certificate chain", file);
  int count = 0;
  for (; count < kChainMax; ++count) {
    X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, &NoPassphrase, nullptr);
    if (certificate == nullptr) break;
    if (SSL_CTX_add0_chain_cert(context, certificate) != 1) {
      X509_free(certificate);
      return Unusable("certificate chain", file);
    }
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (count == 0 || count == kChainMax || !at_end) return Unusable("certificate chain", file);
  ERR_clear_error();
  return {};
}

Result<void> LoadFiles(SSL_CTX* context, const ServerTls& tls) {
  ERR_clear_error();
  SSL_CTX_set_default_passwd_cb(context, &NoPassphrase);
  if (SSL_CTX_use_certificate_chain_file(context, tls.certificate_file.c_str()) != 1)
    return Unusable("certificate", tls.certificate_file);
  if (!tls.chain_file.empty()) HF_CHECK_OK(AddChain(context, tls.chain_file));
  if (SSL_CTX_use_PrivateKey_file(context, tls.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1)
    return Unusable("key", tls.key_file);
  return {};
}

}  // namespace

Result<TlsContext> MakeTlsContext(const ServerTls& tls) {
  if (tls.certificate_file.empty() || tls.key_file.empty())
    return Fail(ErrorKind::kInvalidInput, "TLS needs both a certificate and a key");
  TlsContext context(new ssl::context(ssl::context::tls_server), [](ssl::context* made) { delete made; });
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                  SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1 || SSL_CTX_set_cipher_list(native, kCiphers) != 1)
    return Fail(ErrorKind::kInternal, "the TLS library lacks what is needed");
  SSL_CTX_set_alpn_select_cb(native, &SelectProtocol, nullptr);
  HF_CHECK_OK(LoadFiles(native, tls));
  return context;
}

}  // namespace holdfast::http
