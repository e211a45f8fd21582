// Exit codes, the one place where they are decided. Documented in README.md and the manual page.
#pragma once

#include "base/error.h"

namespace holdfast::cli {

enum class ExitCode : int {
  kOk = 0,
  kFindings = 1,   // --fail-on, or a policy that says stop; what fsck found
  kUsage = 2,      // the command line makes no sense; fsck could not look
  kTarget = 3,     // the target could not be read
  kPartial = 4,    // a result, but part of the target could not be read; the result says which
  kDatabase = 5,   // the advisory snapshot is missing or unusable
  kOutput = 6,     // an output could not be written
  kInternal = 70,  // a bug of holdfast (EX_SOFTWARE of sysexits.h)
};

// For an error met while reading the target.
[[nodiscard]] ExitCode ExitCodeForTarget(ErrorKind kind);

}  // namespace holdfast::cli
