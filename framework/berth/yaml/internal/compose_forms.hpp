// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/yaml/internal/compose.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace berth::yaml {

/// One compose file as a spec writes it: paths from the spec's folder, YAML 1.1 words as booleans, lists of pairs as
/// mappings (so that they merge), values that are written differently. What has a mistake is left for the reader of
/// the spec to tell.
class ComposeForms {
  public:
    explicit ComposeForms(const ComposeContext& context) : context_(context) {}
    const Node& root(const Node& root);

  private:
    /// The value to have for a key; null leaves it out.
    using Rewrite = std::function<const Node*(std::string_view key, const Node& value)>;
    enum class Bare { is_passed, is_empty };

    [[nodiscard]] NodeStore& nodes() const noexcept { return context_.nodes; }
    /// What a scalar stands for, with the variables as they are now.
    [[nodiscard]] std::string meant(const Node& scalar) const;

    const Node* bool_word(const Node& node) const;
    const Node* path(const Node& node) const;
    const Node* paths(const Node& node) const;
    const Node* list_of_one(const Node& node) const;
    /// `[A=1, B]` as a mapping; a later one of a name counts. The first of `separators` that is there splits.
    const Node* key_values(const Node& node, Bare bare, std::string_view separators = "=") const;
    /// `[a, b]` as `{a: {}, b: {}}`.
    const Node* named(const Node& node) const;
    /// A mapping without extensions and what has no effect; its booleans and what `special` knows are changed.
    const Node* rewrite(const Node& map, std::string_view owner, const std::string& label,
                        const Rewrite& special = {}) const;
    const Node* each(const Node& node, const std::function<const Node*(const Node&)>& change) const;
    const Node* with_external(const Node& node, std::string_view owner, const std::string& label,
                              const Rewrite& special) const;
    const Node* section(std::string_view key, const Node& value);

    const Node* service(const Node& node);
    const Node* service_value(std::string_view key, const Node& value);
    const Node* network_value(std::string_view key, const Node& value) const;
    const Node* resource_value(std::string_view key, const Node& value) const;
    const Node* build(const Node& node) const;
    const Node* env_files(const Node& node) const;
    const Node* dependencies(const Node& node) const;
    const Node* mounts(const Node& node);
    const Node* short_mount(const Node& node);
    const Node* long_mount(const Node& node) const;
    const Node* references(const Node& node, std::string_view owner, const std::string& label) const;
    const Node* mode(const Node& node) const;
    const Node* hosts(const Node& node) const;
    const Node* devices(const Node& node) const;
    const Node* hooks(const Node& node) const;
    void from_first_generation(Node& service) const;

    ComposeContext context_;
    bool first_generation_{false};
    std::map<std::string, const Node*> undeclared_volumes_;
};

}  // namespace berth::yaml
