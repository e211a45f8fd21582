#include "io/xml.h"

#include <algorithm>
#include <pugixml.hpp>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace holdfast::io {
namespace {

constexpr unsigned kOptions = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_wconv_attribute;

std::string_view WithoutPrefix(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// `node` or the first sibling after it that is an element of that name; an empty name is any.
pugi::xml_node ElementFrom(pugi::xml_node node, std::string_view name) {
  while (node && (node.type() != pugi::node_element || (!name.empty() && WithoutPrefix(node.name()) != name)))
    node = node.next_sibling();
  return node;
}

// Without recursion, for the depth is what is not known yet.
bool DeeperThan(const pugi::xml_node& root, std::size_t depth_max) {
  std::size_t depth = 1;
  pugi::xml_node node = root;
  while (node) {
    if (depth > depth_max) return true;
    if (const pugi::xml_node child = node.first_child()) {
      node = child;
      ++depth;
      continue;
    }
    while (node != root && !node.next_sibling()) {
      node = node.parent();
      --depth;
    }
    if (node == root) return false;
    node = node.next_sibling();
  }
  return false;
}

}  // namespace

std::string_view XmlView::Name() const { return WithoutPrefix(pugi::xml_node(node_).name()); }

XmlView XmlView::operator[](std::string_view name) const { return *Named(name).begin(); }

std::string_view XmlView::Attribute(std::string_view name) const {
  for (const pugi::xml_attribute& attribute : pugi::xml_node(node_).attributes())
    if (WithoutPrefix(attribute.name()) == name) return attribute.value();
  return {};
}

std::string_view XmlView::Text() const { return Trim(pugi::xml_node(node_).child_value()); }

XmlView::Iterator& XmlView::Iterator::operator++() {
  node_ = ElementFrom(pugi::xml_node(node_).next_sibling(), name_).internal_object();
  return *this;
}

XmlView::Range XmlView::Named(std::string_view name) const {
  return Range({ElementFrom(pugi::xml_node(node_).first_child(), name).internal_object(), name});
}

struct XmlDocument::Tree {
  pugi::xml_document document;
};

XmlDocument::XmlDocument(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
XmlDocument::XmlDocument(XmlDocument&&) noexcept = default;
XmlDocument& XmlDocument::operator=(XmlDocument&&) noexcept = default;
XmlDocument::~XmlDocument() = default;

XmlView XmlDocument::Root() const { return XmlView(tree_->document.document_element().internal_object()); }

Result<XmlDocument> XmlDocument::Parse(std::string_view text, const XmlLimits& limits) {
  if (text.size() > limits.bytes_max)
    return Fail(ErrorKind::kLimit, Format("XML document of {} bytes, limit {}", text.size(), limits.bytes_max));
  const auto nodes = std::ranges::count(text, '<') + std::ranges::count(text, '=');
  if (std::cmp_greater(nodes, limits.nodes_max))
    return Fail(ErrorKind::kLimit, Format("XML document of up to {} nodes, limit {}", nodes, limits.nodes_max));
  auto tree = std::make_unique<Tree>();
  const pugi::xml_parse_result parsed =
      tree->document.load_buffer(text.data(), text.size(), kOptions, pugi::encoding_utf8);
  if (parsed.status == pugi::status_out_of_memory) return Fail(ErrorKind::kLimit, "XML document: out of memory");
  if (!parsed) return Fail(ErrorKind::kCorrupt, Format("not XML at byte {}: {}", parsed.offset, parsed.description()));
  if (DeeperThan(tree->document.document_element(), limits.depth_max))
    return Fail(ErrorKind::kLimit, Format("XML nested deeper than {}", limits.depth_max));
  return XmlDocument(std::move(tree));
}

}  // namespace holdfast::io
