// Secret: a password, key or token. It wipes its memory, compares in constant time, and has no way into text but
// Reveal, so that it cannot get into a log, an error or a test report by accident.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast::crypto {

class Secret {
 public:
  Secret() = default;
  // Copies; what it was copied from is the caller's.
  explicit Secret(std::string_view text);
  // Takes the text out of a string and wipes it there.
  [[nodiscard]] static Secret Take(std::string& text);

  Secret(const Secret& other);
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  [[nodiscard]] bool Empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t Size() const { return size_; }
  // The view lives as long as this secret is not assigned to.
  [[nodiscard]] std::string_view Reveal() const { return size_ == 0 ? "" : std::string_view(bytes_.get(), size_); }

  // Takes the same time wherever they differ; lengths are not hidden.
  friend bool operator==(const Secret& a, const Secret& b);

 private:
  void Wipe() noexcept;

  std::unique_ptr<char[]> bytes_;  // on the heap, so that a dump of the object shows nothing
  std::size_t size_ = 0;
};

// Overwrites the bytes, in a way that the compiler keeps.
void WipeText(std::string& text) noexcept;

}  // namespace holdfast::crypto
