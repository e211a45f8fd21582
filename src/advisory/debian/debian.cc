#include "advisory/debian/debian.h"

#include <utility>
#include <vector>

#include "advisory/debian/list.h"
#include "advisory/debian/statements.h"
#include "advisory/debian/tracker.h"

namespace holdfast::advisory {
namespace {

class DebianProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "debian"; }

  [[nodiscard]] bool Recognises(const Document& document) const override {
    if (document.notation == Notation::kJson) return LooksLikeTracker(document.root);
    return document.notation == Notation::kText && LooksLikeAdvisoryList(document.text);
  }

  // The lists wait for the end: the tracker's document may come after them.
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    if (document.notation == Notation::kJson) return ReadTracker(document.root, sink, statements_);
    return ReadAdvisoryList(document.text, sink, listed_);
  }

  void Finish(AdvisorySink& sink) override {
    for (model::Advisory& advisory : std::exchange(listed_, {})) {
      statements_.Refine(advisory);
      sink.Add(advisory);
    }
    statements_ = {};
  }

 private:
  Statements statements_;
  std::vector<model::Advisory> listed_;
};

}  // namespace

std::unique_ptr<Provider> MakeDebianProvider() { return std::make_unique<DebianProvider>(); }

}  // namespace holdfast::advisory
