// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/binder.hpp>
#include <berth/yaml/internal/compose.hpp>
#include <berth/yaml/internal/documents.hpp>
#include <berth/yaml/internal/values.hpp>

#include <berth/core/text_distance.hpp>
#include <berth/core/units.hpp>
#include <berth/spec/codes.hpp>
#include <berth/spec/fields/root.hpp>
#include <berth/spec/text_file.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <list>
#include <map>

namespace berth::yaml {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_deepest_include = 16;
constexpr std::size_t k_most_included = 1000;  // files, each time one is named
constexpr std::size_t k_longest_extends = 32;

/// Files that belong together: one project, or what one `include` names.
struct Group {
    Variables variables;
    VariableLookup lookup{};
    std::string folder{};  ///< Absolute; relative paths of its files start here.
    bool included{false};  ///< Its variables are its own.
    explicit Group(Variables known) : variables(std::move(known)) {
        lookup = [this](std::string_view name) { return variables.find(name); };
    }
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
};

struct File {
    std::string path{};
    const Node* root{nullptr};                   ///< In the form of a spec; null when it cannot be used.
    std::map<std::string, const Node*> whole{};  ///< Services with what they extend.
};

class Loader {
  public:
    Loader(const ComposeLoading& loading, const std::string& base, ComposeProject& project)
        : loading_(loading), base_(base), project_(project), notes_(loading.found, loading.options.strict) {}

    const Node* load(const std::vector<std::string>& given) {
        const auto files = named_files(given);
        if (files.empty()) {
            return nullptr;
        }
        Variables known(loading_.variables.set, loading_.variables.use_process_environment);
        for (const auto& path : loading_.variables.env_files) {
            if (auto contents = env_file(path, known, {intern_file_name(path), 0, 0, 0, 0}, true)) {
                known.add_env_file(*contents, path);
            }
        }
        Group& group = groups_.emplace_back(std::move(known));
        group.folder = whole_folder(fs::path(files.front()).parent_path().string());
        const std::string dot_env = beside(files.front(), ".env");
        if (auto contents = env_file(dot_env, group.variables, {}, false)) {
            group.variables.add_own_file(*contents, dot_env);
            project_.env_files.push_back(with_prefix(prefix_of(group.folder), ".env", ".env"));
        }
        project_.name = fs::path(group.folder).filename().string();
        KeyValues ready;
        ready.emplace("COMPOSE_PROJECT_NAME", Value(project_.name, Origin{}));
        group.variables.set_vars(ready);
        return files_of(files, group, {});
    }

    /// What `!reset` has taken away is gone, and `!override` has done what it does.
    const Node& without_tags(const Node& node) {
        if (node.kind != Kind::map && node.kind != Kind::list) {
            return node.tag == Tag::none ? node : plain(node);
        }
        Node& out = plain(node);
        out.slots.clear();
        for (const Slot& slot : node.slots) {
            if (slot.value->tag != Tag::reset) {
                out.slots.push_back({slot.key, &without_tags(*slot.value), slot.hop});
            }
        }
        return out;
    }

    ComposeNotes& notes() noexcept { return notes_; }

  private:
    Node& plain(const Node& node) {
        Node& out = project_.nodes.copy(node);
        out.tag = Tag::none;
        return out;
    }

    Diagnostic& report(std::string_view code, const Origin& where, std::string message) {
        return notes_.say(code, where, std::move(message));
    }

    [[nodiscard]] std::string prefix_of(const std::string& folder) const {
        return folder == base_ ? "." : fs::path(folder).lexically_relative(base_).string();
    }

    /// A folder stands for the compose file in it, and the one that goes over it.
    std::vector<std::string> named_files(const std::vector<std::string>& given) const {
        std::vector<std::string> files;
        for (const auto& path : given) {
            std::error_code failure;
            if (!fs::is_directory(path, failure)) {
                files.push_back(path);
                continue;
            }
            const auto first_of = [&](std::initializer_list<const char*> names) {
                for (const char* name : names) {
                    const std::string candidate = (fs::path(path) / name).lexically_normal().string();
                    if (loading_.read(candidate).outcome != TextFile::Outcome::missing) {
                        files.push_back(candidate);
                        return true;
                    }
                }
                return false;
            };
            if (!first_of({"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"})) {
                files.push_back((fs::path(path) / "compose.yaml").lexically_normal().string());
                continue;
            }
            first_of({"compose.override.yaml", "compose.override.yml", "docker-compose.override.yaml",
                      "docker-compose.override.yml"});
        }
        return files;
    }

    std::optional<EnvFileContents> env_file(const std::string& path, const Variables& known, const Origin& named_at,
                                            bool required) {
        TextFile file = loading_.read(path);
        if (file.outcome == TextFile::Outcome::missing && !required) {
            return std::nullopt;
        }
        if (file.outcome == TextFile::Outcome::missing) {
            report("BE0417", named_at,
                   fmt::format("env file '{}' does not exist; set 'required: false' if that is fine", path));
            return std::nullopt;
        }
        if (file.outcome != TextFile::Outcome::read) {
            cannot_read(file, path, named_at);
            return std::nullopt;
        }
        const VariableLookup lookup = [&known](std::string_view name) { return known.find(name); };
        EnvFileContents contents = parse_env_file(file.text, path, lookup);
        if (!contents.diagnostics.empty()) {
            loading_.texts.add(intern_file_name(path), std::move(file.text));
            loading_.found.insert(loading_.found.end(), contents.diagnostics.begin(), contents.diagnostics.end());
        }
        return contents;
    }

    void cannot_read(const TextFile& file, const std::string& path, const Origin& named_at) {
        if (file.outcome == TextFile::Outcome::too_big) {
            report("BE0003", named_at,
                   fmt::format("'{}' is {}; the limit is 1 MiB", path, format_size(Bytes{file.size})));
        } else {
            report("BE0001", named_at, fmt::format("cannot open '{}': {}", path, file.why));
        }
    }

    /// Reads a file, checks it by the field table, and settles its variables.
    File& open(const std::string& path, const Origin& named_at, Group& group, const std::string& folder) {
        File& file = files_.emplace_back();
        file.path = path;
        TextFile text = loading_.read(path);
        if (text.outcome != TextFile::Outcome::read) {
            cannot_read(text, path, named_at);
            return file;
        }
        if (const std::size_t bad = bad_utf8(text.text); bad != std::string_view::npos) {
            report("BE0002", named_at,
                   fmt::format("'{}' is not UTF-8 (byte 0x{:02x} at offset {})", path,
                               static_cast<unsigned>(static_cast<unsigned char>(text.text[bad])), bad));
            return file;
        }
        loading_.texts.add(intern_file_name(path), text.text);
        const Source& source = project_.sources.emplace_back(path, std::move(text.text));
        const Tree& tree = project_.trees.emplace_back(read_tree(source));
        const auto before = loading_.found.size();
        loading_.found.insert(loading_.found.end(), tree.diagnostics.begin(), tree.diagnostics.end());
        if (tree.root == nullptr || tree.root->kind == Kind::null) {
            if (tree.diagnostics.empty()) {
                report("BE0203", {source.file(), 0, 0, 0, 0}, "the compose file is empty; it needs 'services'");
            }
            return file;
        }
        const ComposeContext context{project_.nodes, notes_, group.lookup, prefix_of(folder)};
        const Node& root = in_spec_form(context, *tree.root);
        check(root, group);
        if (!has_errors({loading_.found.begin() + static_cast<std::ptrdiff_t>(before), loading_.found.end()})) {
            file.root = &settled(root, group);
        }
        return file;
    }

    void check(const Node& root, const Group& group) {
        EnvironmentSpec unused;
        std::vector<Way> ways;
        std::vector<KeyPlace> keys;
        Binder binder(group.variables, Defaults::UnsetVariables::warn, loading_.found, ways, keys);
        if (root.kind != Kind::map) {
            binder.wrong_type(root, "a mapping");
            return;
        }
        binder.expect_missing_root_keys();
        binder.read_fields(root, readers_of<EnvironmentSpec>(), "Root", &unused);
    }

    const Node& settled(const Node& node, const Group& group) {
        if (node.kind == Kind::map || node.kind == Kind::list) {
            Node& out = project_.nodes.copy(node);
            for (Slot& slot : out.slots) {
                slot.value = &settled(*slot.value, group);
            }
            return out;
        }
        if (node.kind != Kind::scalar || node.text.find('$') == std::string::npos) {
            return node;
        }
        const auto full = interpolate(node.text, group.lookup, true);
        std::vector<TemplateMistake> mistakes;
        for (const auto& reference : references_in(full.text, mistakes)) {
            report(
                "BE0402", node.where,
                fmt::format("'${{{}}}': compose has no references; write '$$' for a literal dollar", reference.text));
        }
        std::string text = loading_.keep_variables ? kept(node.text, full, group) : full.text;
        if (text == node.text) {
            return node;
        }
        return project_.nodes.scalar(std::move(text), node, node.style);
    }

    /// The text with its variables, so that they mean the same in a spec: unset ones are empty, and what only an
    /// included file's own variables say is put in.
    static std::string kept(const std::string& text, const Interpolation& full, const Group& group) {
        std::map<std::size_t, std::pair<std::size_t, std::string>> edits;
        for (const auto& mistake : interpolate(text, group.lookup, false).mistakes) {
            if (mistake.code == "BE0401") {
                std::string name = text.substr(mistake.offset + 1, mistake.length - 1);
                name = name.front() == '{' ? name.substr(1, name.size() - 2) : name;
                edits[mistake.offset] = {mistake.length, "${" + name + ":-}"};
            }
        }
        for (const auto& piece : full.pieces) {
            const bool theirs =
                group.included && !piece.source.empty() && piece.source != "the environment" && piece.source != "--set";
            if (theirs || piece.variable == "COMPOSE_PROJECT_NAME") {
                edits[piece.source_offset] = {piece.source_length,
                                              full.text.substr(piece.result_offset, piece.result_length)};
            }
        }
        std::string result;
        std::size_t at = 0;
        for (const auto& [offset, edit] : edits) {
            if (offset >= at) {
                result += text.substr(at, offset - at) + edit.second;
                at = offset + edit.first;
            }
        }
        return result + text.substr(at);
    }

    /// Files that go over each other, with what they include.
    const Node* files_of(const std::vector<std::string>& paths, Group& group, const std::vector<std::string>& chain,
                         const Origin& named_at = {}) {
        const Node* whole = nullptr;
        for (const auto& path : paths) {
            const Origin where = named_at.known() ? named_at : Origin{intern_file_name(path), 0, 0, 0, 0};
            File& file = open(path, where, group, group.folder);
            if (file.root == nullptr) {
                continue;
            }
            const Node& own = with_extends(file, group);
            Node& rest = project_.nodes.copy(own);
            const Node* includes = take(rest, "include");
            const Node& merged =
                whole == nullptr ? static_cast<const Node&>(rest) : merge_roots(project_.nodes, *whole, rest);
            const bool none = includes == nullptr || includes->tag == Tag::reset;
            whole = none ? &merged : &with_includes(merged, *includes, file, group, chain);
        }
        return whole;
    }

    const Node& with_extends(File& file, Group& group) {
        const Slot* services = file.root->find("services");
        Node& all = project_.nodes.copy(*services->value);
        for (Slot& slot : all.slots) {
            std::vector<std::pair<std::string, std::string>> way;
            if (const Node* whole = extended(file, slot.key->text, group, way)) {
                slot.value = whole;
            }
        }
        Node& root = project_.nodes.copy(*file.root);
        put(project_.nodes, root, "services", all);
        return root;
    }

    /// The service with what it extends; null (reported) when that is nowhere, or is itself.
    const Node* extended(File& file, const std::string& name, Group& group,
                         std::vector<std::pair<std::string, std::string>>& way) {
        if (const auto done = file.whole.find(name); done != file.whole.end()) {
            return done->second;
        }
        const Node& written = *file.root->find("services")->value->find(name)->value;
        Node& own = project_.nodes.copy(written);
        const Node* extends = written.kind == Kind::map ? take(own, "extends") : nullptr;
        if (extends == nullptr || extends->tag == Tag::reset) {
            return file.whole[name] = extends == nullptr ? &written : static_cast<const Node*>(&own);
        }
        file.whole[name] = nullptr;  // until it is known, and when it has been told why it never will be
        const auto part = [extends](std::string_view key) -> const Node* {
            const Slot* slot = extends->find(key);
            return extends->kind == Kind::scalar && key == "service" ? extends
                   : slot == nullptr                                 ? nullptr
                                                                     : slot->value;
        };
        const Node* service = part("service");
        if (service == nullptr) {
            return nullptr;  // told by the check of the file
        }
        way.emplace_back(file.path, name);
        File* from = &file;
        if (const Node* path = part("file"); path != nullptr) {
            from = &extended_file(beside(file.path, unescape_dollars(meant(*path, group))), path->where, group);
            if (from->root == nullptr) {
                return nullptr;
            }
        }
        const std::string wanted = unescape_dollars(meant(*service, group));
        const Slot* all = from->root->find("services");
        if (all->value->find(wanted) == nullptr) {
            std::vector<std::string> names;
            for (const Slot& slot : all->value->slots) {
                names.push_back(slot.key->text);
            }
            const std::string guess = did_you_mean(near_matches(wanted, names));
            report("BE0513", service->where,
                   fmt::format("'{}' has no service '{}'{}{}", from->path, wanted, guess.empty() ? "" : "; ", guess));
            return nullptr;
        }
        if (std::find(way.begin(), way.end(), std::pair(from->path, wanted)) != way.end()) {
            std::string chain;
            for (const auto& [path, step] : way) {
                chain += step + " -> ";
            }
            report("BE0511", service->where, fmt::format("'extends' forms a cycle: {}{}", chain, wanted));
            return nullptr;
        }
        if (way.size() > k_longest_extends) {
            report("BE0511", service->where,
                   fmt::format("'{}' extends a service that extends another, more than {} times", way.front().second,
                               k_longest_extends));
            return nullptr;
        }
        const Node* under = extended(*from, wanted, group, way);
        if (under == nullptr || under->kind != Kind::map) {
            return nullptr;
        }
        const Hop* hop = project_.nodes.hop(service->where, "taken over here", nullptr);
        return file.whole[name] = &merge_services(project_.nodes, *under, own, hop);
    }

    std::string meant(const Node& node, const Group& group) const {
        return interpolate(node.text, group.lookup, true).text;
    }

    File& extended_file(const std::string& path, const Origin& named_at, Group& group) {
        const std::string whole = whole_folder(path);
        const auto known = extended_files_.find(whole);
        if (known != extended_files_.end()) {
            return *known->second;
        }
        File& file = open(fs::path(path).lexically_normal().string(), named_at, group,
                          whole_folder(fs::path(path).parent_path().string()));
        extended_files_.emplace(whole, &file);
        return file;
    }

    const Node& with_includes(const Node& root, const Node& includes, const File& file, Group& group,
                              const std::vector<std::string>& chain) {
        const Node* whole = &root;
        const auto one = [&](const Node& include) {
            if (const Node* other = included(include, file, group, chain)) {
                whole = &taken_in(*whole, *other);
            }
        };
        if (includes.kind == Kind::list) {
            for (const Slot& slot : includes.slots) {
                one(*slot.value);
            }
        } else {
            one(includes);
        }
        return *whole;
    }

    const Node* included(const Node& include, const File& from, Group& group, std::vector<std::string> chain) {
        const auto texts = [&](std::string_view key) {
            std::vector<std::string> all;
            const Slot* slot = include.find(key);
            const Node* value = include.kind != Kind::map && key == "path" ? &include
                                : slot == nullptr                          ? nullptr
                                                                           : slot->value;
            if (value != nullptr && value->kind == Kind::scalar) {
                all.push_back(beside(from.path, unescape_dollars(meant(*value, group))));
            } else if (value != nullptr) {
                for (const Slot& item : value->slots) {
                    all.push_back(beside(from.path, unescape_dollars(meant(*item.value, group))));
                }
            }
            return all;
        };
        const auto paths = texts("path");
        if (paths.empty()) {
            return nullptr;
        }
        chain.push_back(whole_folder(from.path));
        const bool again = std::find(chain.begin(), chain.end(), whole_folder(paths.front())) != chain.end();
        if (again || chain.size() > k_deepest_include) {
            report("BE0004", include.where,
                   again ? fmt::format("'include' forms a cycle: {} -> {}", from.path, paths.front())
                         : fmt::format("includes nest deeper than {}: {} -> {}", k_deepest_include, from.path,
                                       paths.front()));
            return nullptr;
        }
        if (++included_ > k_most_included) {
            if (included_ == k_most_included + 1) {
                report("BE0004", include.where, fmt::format("more than {} files are included", k_most_included));
            }
            return nullptr;
        }
        Group& own = groups_.emplace_back(group.variables.nested());
        own.included = true;
        const auto folder = texts("project_directory");
        own.folder = whole_folder(folder.empty() ? fs::path(paths.front()).parent_path().string() : folder.front());
        auto env_files = texts("env_file");
        const bool named = !env_files.empty();
        if (!named) {
            env_files.push_back((fs::path(own.folder) / ".env").string());
        }
        for (const auto& path : env_files) {
            if (auto contents = env_file(path, own.variables, include.where, named)) {
                own.variables.add_own_file(*contents, path);
            }
        }
        return files_of(paths, own, chain, include.where);
    }

    /// Copies services and so on in; what is there already is a conflict, unless it is the same.
    const Node& taken_in(const Node& root, const Node& other) {
        Node& out = project_.nodes.copy(root);
        for (const Slot& section : other.slots) {
            if (section.key->text == "name" || section.value->kind != Kind::map) {
                continue;
            }
            const Slot* before = out.find(section.key->text);
            if (before == nullptr || before->value->kind != Kind::map) {
                put(project_.nodes, out, section.key->text, *section.value);
                continue;
            }
            Node& all = project_.nodes.copy(*before->value);
            for (const Slot& entry : section.value->slots) {
                const Slot* own = all.find(entry.key->text);
                if (own == nullptr) {
                    all.slots.push_back(entry);
                } else if (!same_place(own->key->where, entry.key->where)) {
                    const std::string kind = section.key->text.substr(0, section.key->text.size() - 1);
                    report("BE0512", entry.key->where,
                           fmt::format("{} '{}' is defined in {} and {}", kind, entry.key->text,
                                       to_string(own->key->where), to_string(entry.key->where)))
                        .labels.push_back({own->key->where, "also defined here"});
                }
            }
            put(project_.nodes, out, section.key->text, all);
        }
        return out;
    }

    const ComposeLoading& loading_;
    const std::string& base_;
    ComposeProject& project_;
    ComposeNotes notes_;
    std::size_t included_{0};  // files that `include` named, each time
    std::list<Group> groups_;
    std::list<File> files_;
    std::map<std::string, File*> extended_files_;
};

}  // namespace

void load_compose(const ComposeLoading& loading, const std::vector<std::string>& files, const std::string& base,
                  ComposeProject& project) {
    const auto before = loading.found.size();
    Loader loader(loading, base, project);
    const Node* root = loader.load(files);
    const bool wrong = has_errors({loading.found.begin() + static_cast<std::ptrdiff_t>(before), loading.found.end()});
    if (root != nullptr && !wrong) {
        root = &loader.without_tags(*root);
        const IsMissing is_missing = [&](const std::string& path) {
            const char* home = path.rfind("~/", 0) == 0 ? std::getenv("HOME") : nullptr;
            const std::string whole = home != nullptr ? home + path.substr(1) : beside(base + '/', path);
            return loading.read(whole).outcome == TextFile::Outcome::missing;
        };
        project.root = &adapt(project.nodes, loader.notes(), loading.options, *root,
                              loading.look_at_files ? is_missing : IsMissing{});
    }
}

}  // namespace berth::yaml
