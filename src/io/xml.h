// XML documents behind a read-only view, for parsers of untrusted documents of known forms.
//
// An XmlDocument owns a parsed tree; XmlView is a pointer to an element of it, valid while the document lives. A view
// of something absent is a null view, and each question to it has a harmless answer. Names are compared without their
// namespace prefix: a publisher's forms never mix two elements of one local name, and prefixes are his whim.
//
// Of XML 1.0 (Fifth Edition) this reads elements, attributes, character data and CDATA, the five predefined entities
// and character references. A DOCTYPE is skipped, so nothing is defined, fetched or expanded by it: a reference to
// another entity stays as it is written. Comments and processing instructions are left out. Text must be UTF-8 (a byte
// order mark is skipped); whether it is well-formed UTF-8 is not looked at (see io/json.h, RepairUtf8).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"

namespace pugi {
struct xml_node_struct;
}

namespace holdfast::io {

class XmlView {
 public:
  XmlView() = default;  // the null view

  [[nodiscard]] bool IsNull() const { return node_ == nullptr; }
  [[nodiscard]] std::string_view Name() const;
  // First child element of that name, or the null view.
  [[nodiscard]] XmlView operator[](std::string_view name) const;
  // Empty when absent.
  [[nodiscard]] std::string_view Attribute(std::string_view name) const;
  // The first piece of text directly in the element, without blanks at its ends; empty when there is none.
  [[nodiscard]] std::string_view Text() const;

  class Iterator {
   public:
    Iterator() = default;
    Iterator(pugi::xml_node_struct* node, std::string_view name) : node_(node), name_(name) {}
    XmlView operator*() const { return XmlView(node_); }
    Iterator& operator++();
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.node_ == b.node_; }

   private:
    pugi::xml_node_struct* node_ = nullptr;
    std::string_view name_;
  };
  class Range {
   public:
    explicit Range(Iterator first) : first_(first) {}
    [[nodiscard]] Iterator begin() const { return first_; }
    [[nodiscard]] static Iterator end() { return {}; }

   private:
    Iterator first_;
  };
  // Range-for over the child elements, in their order: all, or those of that name, which must outlive the range.
  [[nodiscard]] Range Children() const { return Named({}); }
  [[nodiscard]] Range Named(std::string_view name) const;

 private:
  friend class XmlDocument;
  explicit XmlView(pugi::xml_node_struct* node) : node_(node) {}
  pugi::xml_node_struct* node_ = nullptr;
};

struct XmlLimits {
  std::uint64_t bytes_max = 4 * kMiB;
  std::size_t depth_max = 64;
  // Of '<' and '=': no document has more elements, texts and attributes than these. A tree takes some 60 bytes for
  // each.
  std::size_t nodes_max = 5'000'000;
};

class XmlDocument {
 public:
  // kCorrupt, with the byte offset, for bad syntax and for a document without an element; kLimit.
  [[nodiscard]] static Result<XmlDocument> Parse(std::string_view text, const XmlLimits& limits = {});

  XmlDocument(XmlDocument&&) noexcept;
  XmlDocument& operator=(XmlDocument&&) noexcept;
  ~XmlDocument();

  [[nodiscard]] XmlView Root() const;

 private:
  struct Tree;
  explicit XmlDocument(std::unique_ptr<Tree> tree);
  std::unique_ptr<Tree> tree_;
};

}  // namespace holdfast::io
