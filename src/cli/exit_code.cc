#include "cli/exit_code.h"

namespace holdfast::cli {

ExitCode ExitCodeForTarget(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidInput: return ExitCode::kUsage;
    case ErrorKind::kNotFound:
    case ErrorKind::kConflict:
    case ErrorKind::kDenied:
    case ErrorKind::kUnsupported:
    case ErrorKind::kCorrupt:
    case ErrorKind::kLimit:
    case ErrorKind::kUnavailable: return ExitCode::kTarget;
    case ErrorKind::kInternal: return ExitCode::kInternal;
  }
  return ExitCode::kInternal;
}

}  // namespace holdfast::cli
