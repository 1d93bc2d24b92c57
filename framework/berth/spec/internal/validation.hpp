// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/internal/references.hpp>

#include <berth/spec/graph.hpp>
#include <berth/spec/validation.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace berth::internal {

/// Which services count, as positions in the spec.
struct Active {
    std::vector<bool> on{};              ///< By its profiles it could run.
    std::vector<bool> counts{};          ///< It runs.
    std::vector<std::string> unknown{};  ///< Asked for by name and not there.
};
Active active_services(const EnvironmentSpec& spec, const ValidateOptions& options, const Graph& graph);

/// The spec under judgement and what was found wrong with it so far. Each check takes one.
class Findings {
  public:
    Findings(const EnvironmentSpec& judged, const ValidateOptions& chosen);

    const EnvironmentSpec& spec;
    const ValidateOptions& options;
    const Graph graph;
    const Active active;
    std::vector<Diagnostic> found{};

    Diagnostic& error(std::string code, std::string message, const Origin& where, std::string path = {});
    Diagnostic& warning(std::string code, std::string message, const Origin& where, std::string path = {});

    Diagnostic& note(std::string code, std::string message, const Origin& where, std::string path = {});

    [[nodiscard]] std::vector<std::string> service_names() const;
    /// BE0505: the message and where the service that was meant is defined.
    void unknown_service(const std::string& name, const Origin& where, std::string path);
};

/// The first of the places that is known.
Origin first_known(std::initializer_list<Origin> places);
/// Where a service is defined.
Origin place_of(const ServiceSpec& service);
/// `/services/db/ports/0`.
std::string path_of(const ServiceSpec& service, std::string_view rest = {});
/// `message; did you mean 'x'?`, or the message alone when nothing is near.
std::string with_guess(std::string message, std::string_view written, const std::vector<std::string>& known);
/// `'a', 'b', 'c'`.
std::string quoted_list(const std::vector<std::string>& items);
/// The place of some bytes of a text: exact where the text stands on one line as it was written, else the whole.
Origin part_of(const Origin& whole, std::string_view text, std::size_t offset, std::size_t length);
/// As in YAML: `always`, `on-failure`.
std::string to_text(const RestartPolicy& policy);

/// BE0403 when a file of the spec is not there. @returns whether it was said
bool missing_file(Findings& findings, const std::string& written, const Origin& where, std::string path);

void check_names(Findings& findings);
void check_images_and_rights(Findings& findings);
void check_graph(Findings& findings);
void check_ports(Findings& findings);
void check_networks(Findings& findings);
void check_mounts(Findings& findings);
void check_files(Findings& findings);
void check_waits(Findings& findings);
void check_steps(Findings& findings);
void check_references(Findings& findings);
void check_value_cycles(Findings& findings);
void check_exports(Findings& findings);
void check_options(Findings& findings);
void check_sections(Findings& findings);

}  // namespace berth::internal
