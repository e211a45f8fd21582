// Numbers with dots between them, in the order of lists (Haskell Package Versioning Policy, "Version
// numbers"; Data.Version of base): "1.0" < "1.0.0" < "1.0.1".

#include "version/hackage.h"

#include "version/digits.h"
#include "version/number_list.h"

namespace holdfast::version {

std::optional<std::strong_ordering> CompareHackage(std::string_view a, std::string_view b) {
  return CompareNumberLists(TrimBlanks(a), TrimBlanks(b), ".");
}

}  // namespace holdfast::version
