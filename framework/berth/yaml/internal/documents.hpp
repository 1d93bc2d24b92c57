// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/yaml/internal/binder.hpp>
#include <berth/yaml/internal/tree.hpp>
#include <berth/yaml/internal/variables.hpp>
#include <berth/yaml/reader.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace berth::yaml {

/// One file of a spec: its text, what has been read of it, and what its `$NAME` mean.
struct Document {
    std::string name{};  ///< As a person names it.
    std::unique_ptr<Source> source{};
    Tree tree{};
    Variables variables;
    EnvironmentSpec spec{};
    bool overlays_read{false};
    std::map<std::string, EnvironmentSpec> overlays{};

    explicit Document(Variables known) : variables(std::move(known)) {}
};
using DocumentPointer = std::shared_ptr<Document>;

/// Reads the files of one spec and makes one value of them. Files are read and checked each for itself; their values
/// then come together by merged(): `extends`, `include`, further files, overlays, and `defaults.service` below all.
class Documents {
  public:
    /// `name`: the first file. Paths in the spec start at its folder.
    Documents(const std::string& name, const ReadOptions& options);

    void fail(std::string code, std::string message);
    void add_env_files(const std::vector<std::string>& paths);
    /// A file of the spec itself; a later one goes over those before it.
    void add_file(const std::string& path);
    void add_text(std::string text, const std::string& name);
    /// @param look_for_env whether the `.env` beside the first file counts
    ReadResult take(bool look_for_env);

  private:
    [[nodiscard]] DocumentPointer open(const std::string& path, const Origin& named_at, const Variables& variables);
    [[nodiscard]] DocumentPointer parse(std::string text, const std::string& name, const Variables& variables);
    [[nodiscard]] bool is_mapping(Document& document);
    [[nodiscard]] Binder binder_of(Document& document);
    void read_variables(std::vector<DocumentPointer>& documents, bool look_for_env,
                        const std::optional<std::vector<std::string>>& env_files);
    void bind(Document& document, bool partial);
    void read_overlays(Document& document);
    [[nodiscard]] std::optional<EnvFileContents> env_file(const std::string& path, const EnvFile& how,
                                                          const Origin& named_at);

    void resolve_extends(EnvironmentSpec& spec, const DocumentPointer& document, const EnvironmentSpec& before);
    struct Extending;
    [[nodiscard]] std::optional<ServiceSpec> extended(const ServiceSpec& service, Extending& state);
    [[nodiscard]] DocumentPointer extended_file(const ExtendsSpec& extends, const DocumentPointer& from);

    void resolve_includes(EnvironmentSpec& spec, const DocumentPointer& document);
    [[nodiscard]] std::optional<EnvironmentSpec> included(const IncludeSpec& include, const DocumentPointer& from);
    void take_in(EnvironmentSpec& spec, EnvironmentSpec other);
    void resolve_imports(EnvironmentSpec& spec, const DocumentPointer& document);

    void apply_overlays(const std::vector<DocumentPointer>& documents);
    void check_defaults(const Document& document);
    void warn_of_cut_end(const Document& document);
    void warn_of_likely_references(const Document& document);
    Diagnostic& report(std::string code, const Origin& where, std::string message, std::string path = {});
    [[nodiscard]] std::string prefix_of(const std::string& folder) const;

    std::string name_;
    const char* file_;
    ReadOptions options_;
    Variables variables_;
    Defaults::UnsetVariables unset_{Defaults::UnsetVariables::error};
    std::vector<KeyPlace> keys_;
    std::vector<DocumentPointer> documents_;
    std::map<std::string, DocumentPointer> extended_files_;  ///< By path; null: it cannot be read.
    std::size_t included_{0};                                // files that `include` named, each time
    std::vector<std::string> including_;                     ///< The files whose `include` is being followed.
    ReadResult result_;
};

/// Moves the relative paths of what was read in another folder.
/// @param folder of those paths, seen from the folder where the spec's own start
void rebase(EnvironmentSpec& spec, const std::string& folder);

/// `path` as it is named from the file `spec`.
std::string beside(const std::string& spec, const std::string& path);
/// Absolute, without `.`, `..` and a slash at its end.
std::string whole_folder(const std::string& path);

}  // namespace berth::yaml
