#include "base/error.h"

namespace holdfast {

std::string_view ErrorKindName(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidInput: return "invalid-input";
    case ErrorKind::kNotFound: return "not-found";
    case ErrorKind::kConflict: return "conflict";
    case ErrorKind::kDenied: return "denied";
    case ErrorKind::kUnsupported: return "unsupported";
    case ErrorKind::kCorrupt: return "corrupt";
    case ErrorKind::kLimit: return "limit";
    case ErrorKind::kUnavailable: return "unavailable";
    case ErrorKind::kInternal: return "internal";
  }
  return "internal";
}

Error Error::In(std::string_view frame) && {
  message_.insert(0, ": ").insert(0, frame);
  return std::move(*this);
}

Error Error::In(std::string_view frame) const& { return Error(*this).In(frame); }

}  // namespace holdfast
