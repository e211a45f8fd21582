// Numbers with '.' or '-' between them, which mean the same (Writing R Extensions 1.1.1, "Version"); compared
// number by number, and one that goes on is newer (R's utils::compareVersion): "0.9" < "0.75" < "0.75.0",
// "0.01.0" = "0.1-0". The operators of R's numeric_version hold the second and the third for equal, but the
// version-order corpus, made of archived packages, does not.

#include "version/cran.h"

#include "version/digits.h"
#include "version/number_list.h"

namespace holdfast::version {

std::optional<std::strong_ordering> CompareCran(std::string_view a, std::string_view b) {
  return CompareNumberLists(TrimBlanks(a), TrimBlanks(b), ".-");
}

}  // namespace holdfast::version
