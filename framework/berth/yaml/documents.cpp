// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/compose.hpp>
#include <berth/yaml/internal/documents.hpp>
#include <berth/yaml/internal/values.hpp>

#include <berth/core/text_distance.hpp>
#include <berth/core/units.hpp>
#include <berth/spec/codes.hpp>
#include <berth/spec/merge.hpp>
#include <berth/spec/not_yet.hpp>
#include <berth/spec/text_file.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace berth::yaml {
namespace {

namespace fs = std::filesystem;

/// Before anything is interpolated, so as it is written.
std::optional<Defaults::UnsetVariables> unset_variables(const Node& root) {
    const auto* defaults = root.find("defaults");
    const auto* slot = defaults == nullptr ? nullptr : defaults->value->find("unset_variables");
    for (const auto& [name, value] : EnumNames<Defaults::UnsetVariables>::k_names) {
        if (slot != nullptr && slot->value->text == name) {
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace

Documents::Documents(const std::string& name, const ReadOptions& options)
    : name_(name),
      file_(intern_file_name(name)),
      options_(options),
      variables_(options.set, options.use_process_environment) {
    result_.spec.base.directory = whole_folder(fs::path(name).parent_path().string());
}

Diagnostic& Documents::report(std::string code, const Origin& where, std::string message, std::string path) {
    Diagnostic found;
    const Code* known = find_code(code);
    found.severity = known == nullptr ? Severity::error : known->severity;
    found.code = std::move(code);
    found.message = std::move(message);
    found.where = where;
    found.path = std::move(path);
    return result_.diagnostics.emplace_back(std::move(found));
}

void Documents::fail(std::string code, std::string message) {
    report(std::move(code), {file_, 0, 0, 0, 0}, std::move(message));
}

void Documents::add_env_files(const std::vector<std::string>& paths) {
    for (const auto& path : paths) {
        if (auto contents = env_file(path, {}, {intern_file_name(path), 0, 0, 0, 0})) {
            variables_.add_env_file(*contents, path);
        }
    }
}

void Documents::add_file(const std::string& path) {
    if (auto document = open(path, {intern_file_name(path), 0, 0, 0, 0}, variables_)) {
        documents_.push_back(std::move(document));
    }
}

void Documents::add_text(std::string text, const std::string& name) {
    if (auto document = parse(std::move(text), name, variables_)) {
        documents_.push_back(std::move(document));
    }
}

DocumentPointer Documents::open(const std::string& path, const Origin& named_at, const Variables& variables) {
    TextFile file = read_text_file(path);
    switch (file.outcome) {
        case TextFile::Outcome::missing:
        case TextFile::Outcome::unreadable:
            report("BE0001", named_at, fmt::format("cannot open '{}': {}", path, file.why));
            return nullptr;
        case TextFile::Outcome::too_big:
            report("BE0003", named_at,
                   fmt::format("'{}' is {}; the limit is 1 MiB", path, format_size(Bytes{file.size})));
            return nullptr;
        case TextFile::Outcome::read:
            break;
    }
    return parse(std::move(file.text), path, variables);
}

DocumentPointer Documents::parse(std::string text, const std::string& name, const Variables& variables) {
    const Origin file{intern_file_name(name), 0, 0, 0, 0};
    if (text.size() > k_largest_text_file) {
        report("BE0003", file, fmt::format("'{}' is {}; the limit is 1 MiB", name, format_size(Bytes{text.size()})));
        return nullptr;
    }
    if (const std::size_t bad = bad_utf8(text); bad != std::string_view::npos) {
        report("BE0002", file,
               fmt::format("'{}' is not UTF-8 (byte 0x{:02x} at offset {})", name,
                           static_cast<unsigned>(static_cast<unsigned char>(text[bad])), bad));
        return nullptr;
    }
    auto document = std::make_shared<Document>(variables);
    document->name = name;
    result_.sources.add(file.file, text);
    document->source = std::make_unique<Source>(name, std::move(text));
    document->tree = read_tree(*document->source);
    auto& found = document->tree.diagnostics;
    result_.diagnostics.insert(result_.diagnostics.end(), found.begin(), found.end());
    if (document->tree.root == nullptr) {
        if (found.empty()) {
            report("BE0203", file, "the spec is empty; it needs 'services'");
        }
        return nullptr;
    }
    return is_mapping(*document) ? document : nullptr;
}

Binder Documents::binder_of(Document& document) {
    Binder binder(document.variables, unset_, result_.diagnostics, result_.ways, keys_);
    const auto& found = document.tree.diagnostics;
    if (std::any_of(found.begin(), found.end(),
                    [](const Diagnostic& one) { return one.code == "BE0101" || one.code == "BE0107"; })) {
        binder.expect_missing_keys();
    }
    return binder;
}

bool Documents::is_mapping(Document& document) {
    const Node& root = *document.tree.root;
    if (root.kind == Kind::null) {
        if (!has_errors(document.tree.diagnostics)) {
            report("BE0203", {intern_file_name(document.name), 0, 0, 0, 0}, "the spec is empty; it needs 'services'");
        }
        return false;
    }
    Binder binder = binder_of(document);
    if (root.kind != Kind::map) {
        return binder.wrong_type(root, "a mapping");
    }
    binder.no_tag(root);
    return true;
}

/// Variables first: the rest is read with them. Each step sees what the one before has brought.
void Documents::read_variables(std::vector<DocumentPointer>& documents, bool look_for_env,
                               const std::optional<std::vector<std::string>>& env_files) {
    if (documents.empty()) {
        return;
    }
    Variables known = documents.front()->variables;
    const auto read_only_key = [&](Document& document, std::string_view key) {
        const std::array keys{key};
        document.variables = known;
        binder_of(document).read_fields(*document.tree.root, readers_of<EnvironmentSpec>(), "Root", &document.spec,
                                        {keys, true});
    };
    bool named = env_files.has_value();
    for (const auto& path : env_files.value_or(std::vector<std::string>{})) {
        if (auto contents = env_file(path, {}, {documents.front()->source->file(), 0, 0, 0, 0})) {
            known.add_own_file(*contents, path);
        }
    }
    for (auto& document : documents) {
        read_only_key(*document, "env_file");
        for (const auto& file : *document->spec.env_file) {
            named = true;
            const std::string path = beside(document->name, *file.path);
            if (auto contents = env_file(path, file, file.path.origin())) {
                known.add_own_file(*contents, path);
            }
        }
        named = named || document->spec.env_file.given();
    }
    if (!named && look_for_env) {
        const std::string path = beside(documents.front()->name, ".env");
        EnvFile optional;
        optional.required = false;
        if (auto contents = env_file(path, optional, {})) {
            known.add_own_file(*contents, path);
        }
    }
    for (auto& document : documents) {
        read_only_key(*document, "vars");
        known.set_vars(*document->spec.vars);
    }
    for (auto& document : documents) {
        document->variables = known;
    }
}

void Documents::bind(Document& document, bool partial) {
    static constexpr std::array<std::string_view, 2> k_read{"env_file", "vars"};
    Binder binder = binder_of(document);
    if (partial) {
        binder.expect_missing_root_keys();
    }
    binder.read_fields(*document.tree.root, readers_of<EnvironmentSpec>(), "Root", &document.spec, {k_read, false});
    check_defaults(document);
    read_overlays(document);
    warn_of_cut_end(document);
}

void Documents::read_overlays(Document& document) {
    const Slot* all = document.tree.root->find("overlays");
    if (all == nullptr) {
        return;
    }
    Binder binder = binder_of(document);
    binder.expect_missing_root_keys();
    const Binder::Inside inside(binder, *all, 0);
    binder.each_entry(*all->value, "a mapping of partial specs", [&](const Node& key, const Node& value) {
        EnvironmentSpec overlay;
        if (value.kind == Kind::map) {
            binder.read_fields(value, readers_of<EnvironmentSpec>(), "Root", &overlay);
        } else if (value.kind != Kind::null) {
            binder.wrong_type(value, "a mapping");
        }
        document.overlays.insert_or_assign(key.text, std::move(overlay));
    });
}

/// What makes a service one of its own has no place below all of them.
void Documents::check_defaults(const Document& document) {
    const Slot* defaults = document.tree.root->find("defaults");
    const Slot* service = defaults == nullptr ? nullptr : defaults->value->find("service");
    if (service == nullptr) {
        return;
    }
    for (const std::string_view key : {"image", "build", "fixture", "extends", "depends_on"}) {
        if (const Slot* slot = service->value->find(key)) {
            report("BE0206", slot->key->where, fmt::format("'{}' belongs in a service, not in 'defaults.service'", key),
                   fmt::format("/defaults/service/{}", key));
        }
    }
}

std::optional<EnvFileContents> Documents::env_file(const std::string& path, const EnvFile& how,
                                                   const Origin& named_at) {
    TextFile file = read_text_file(path);
    if (file.outcome == TextFile::Outcome::missing) {
        if (how.required.value_or(true)) {
            report("BE0417", named_at,
                   fmt::format("env file '{}' does not exist; set 'required: false' if that is fine", path));
        }
        return std::nullopt;
    }
    if (file.outcome == TextFile::Outcome::too_big) {
        report("BE0003", named_at, fmt::format("'{}' is {}; the limit is 1 MiB", path, format_size(Bytes{file.size})));
        return std::nullopt;
    }
    if (file.outcome != TextFile::Outcome::read) {
        report("BE0001", named_at, fmt::format("cannot open '{}': {}", path, file.why));
        return std::nullopt;
    }
    const VariableLookup lookup = [this](std::string_view name) { return variables_.find(name); };
    const bool raw = how.format.value_or(EnvFile::Format::with_quotes) == EnvFile::Format::raw;
    EnvFileContents contents = raw ? parse_raw_env_file(file.text, path) : parse_env_file(file.text, path, lookup);
    if (!contents.diagnostics.empty()) {
        result_.sources.add(intern_file_name(path), std::move(file.text));
        result_.diagnostics.insert(result_.diagnostics.end(), contents.diagnostics.begin(), contents.diagnostics.end());
    }
    return contents;
}

/// A value that touches the end of the file may have lost its own end.
void Documents::warn_of_cut_end(const Document& document) {
    const Source& source = *document.source;
    const auto& nodes = document.tree.nodes;
    const std::size_t size = source.text().size();
    const bool open = std::any_of(nodes.rbegin(), nodes.rend(), [&](const Node& node) {
        if (node.kind == Kind::null) {
            return source.text().find('\n', node.begin) == std::string_view::npos;
        }
        const bool block = node.style == Style::literal || node.style == Style::folded;
        if (node.kind != Kind::scalar || node.text.empty() || (node.style != Style::plain && !block)) {
            return false;
        }
        const std::size_t end = block ? written_range(source, node, 0, node.text.size()).second : node.end;
        return source.text().find_first_not_of(' ', end) == std::string_view::npos;
    });
    if (!has_errors(result_.diagnostics) && open && source.text().back() != '\n') {
        report("BW0120", source.origin(size - 1, size), "the last line has no end; was the file cut short?");
    }
}

/// `${my-db.port}`, where `my-db` is a service.
void Documents::warn_of_likely_references(const Document& document) {
    std::vector<std::string> services;
    for (const auto& service : result_.spec.services) {
        services.push_back(*service.name);
    }
    for (const Node& node : document.tree.nodes) {
        if (node.kind != Kind::scalar || node.text.find("${") == std::string::npos) {
            continue;
        }
        for (const auto& mistake : variables_like_references(node.text, services)) {
            const auto [begin, end] = written_range(*document.source, node, mistake.offset, mistake.length);
            report(mistake.code, document.source->origin(begin, end), mistake.message).caret = mistake.caret;
        }
    }
}

void Documents::apply_overlays(const std::vector<DocumentPointer>& documents) {
    std::set<std::string> known;
    for (const auto& document : documents) {
        for (const auto& [name, overlay] : document->overlays) {
            known.insert(name);
        }
    }
    for (const auto& wanted : options_.overlays) {
        if (known.count(wanted) == 0) {
            std::string list;
            for (const auto& name : known) {
                list += fmt::format("{}'{}'", list.empty() ? "" : ", ", name);
            }
            fail("BE0515", known.empty() ? fmt::format("no overlay '{}'; there are no overlays", wanted)
                                         : fmt::format("no overlay '{}'; overlays are {}", wanted, list));
        }
        for (const auto& document : documents) {
            if (const auto found = document->overlays.find(wanted); found != document->overlays.end()) {
                resolve_extends(found->second, document, result_.spec);
                result_.spec = merged(std::move(result_.spec), found->second);
            }
        }
    }
}

ReadResult Documents::take(bool look_for_env) {
    for (auto document = documents_.rbegin(); document != documents_.rend(); ++document) {
        unset_ = unset_variables(*(*document)->tree.root).value_or(unset_);
    }
    read_variables(documents_, look_for_env, std::nullopt);
    const bool several = documents_.size() > 1 || !options_.overlays.empty() || !options_.compose.empty();
    if (!options_.compose.empty()) {
        ComposeOptions how;
        how.keep_restart = options_.keep_restart;
        how.folder = result_.spec.base.directory;
        auto base = std::move(result_.spec.base);
        result_.spec = compose_spec(options_.compose, how, options_, result_);
        result_.spec.base = std::move(base);
    }
    for (auto& document : documents_) {
        const Node& root = *document->tree.root;
        const bool brings = root.find("include") != nullptr || root.find("import") != nullptr;
        bind(*document, several || brings);
        resolve_extends(document->spec, document, result_.spec);
        resolve_includes(document->spec, document);
        resolve_imports(document->spec, document);
        rebase(document->spec, prefix_of(fs::path(document->name).parent_path().string()));
        auto base = std::move(result_.spec.base);
        result_.spec = merged(std::move(result_.spec), document->spec);
        result_.spec.base = std::move(base);
    }
    apply_overlays(documents_);
    result_.spec = without_resets(with_defaults_below(std::move(result_.spec)));
    if (!documents_.empty() && result_.spec.services.empty() && result_.spec.import->empty() &&
        documents_.front()->tree.root->find("services") == nullptr && !has_errors(result_.diagnostics)) {
        report("BE0203", documents_.front()->tree.root->where, "the spec needs 'services'");
    }
    for (const auto& document : documents_) {
        warn_of_likely_references(*document);
    }
    sort_diagnostics(result_.diagnostics);
    for (auto& found : not_yet(result_.spec)) {
        const auto key = std::find_if(keys_.begin(), keys_.end(),
                                      [&](const KeyPlace& one) { return same_place(one.value, found.where); });
        found.where = key == keys_.end() ? found.where : key->key;
        result_.not_yet.push_back(std::move(found));
    }
    sort_diagnostics(result_.not_yet);
    return std::move(result_);
}

std::string Documents::prefix_of(const std::string& folder) const {
    const std::string whole = whole_folder(folder);
    return whole == result_.spec.base.directory
               ? std::string{}
               : fs::path(whole).lexically_relative(result_.spec.base.directory).string();
}

}  // namespace berth::yaml
