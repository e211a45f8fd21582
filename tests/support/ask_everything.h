// For fuzz targets of what gives a JsonView: every view of the tree is asked every question.
#pragma once

#include <cstddef>

#include "io/json.h"

namespace holdfast::test {

inline void AskEverything(const io::JsonView& view) {
  (void)view.String();
  (void)view.Integer();
  (void)view.Double();
  (void)view.Bool();
  (void)view["key"];
  for (std::size_t i = 0; i < view.Size(); ++i) {
    (void)view.KeyAt(i);
    AskEverything(view.At(i));
  }
}

}  // namespace holdfast::test
