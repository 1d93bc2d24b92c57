// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/units.hpp>
#include <berth/spec/text.hpp>
#include <berth/spec/wait.hpp>

#include <string>

namespace berth {

/// A file or directory put into the container after create, before start.
struct CopySpec {
    Given<std::string> from{};   ///< On the host; one of `from`, `content`.
    Given<Text> content{};       ///< Literal; references are resolved.
    Given<std::string> to{};     ///< Absolute, in the container; ending in `/`: into that directory.
    Given<unsigned> mode{};      ///< Default: the source's mode, 0644 for content.
    Given<std::string> owner{};  ///< `uid[:gid]`, numeric; default `0:0`.
    Given<bool> templated{};     ///< Key `template`: references in the file are resolved.
    Given<bool> late{};          ///< Delivered right after start, when published ports are known.
    Origin origin{};

    friend bool operator==(const CopySpec&, const CopySpec&) = default;
};

/// A command around the start or stop of a service: in its container, or (`pre_start`, and a step's `container`) in a
/// helper container of its own.
struct HookSpec {
    Given<Words> command{};  ///< Required where there is no `image`.
    Given<Text> image{};     ///< Default: the service's.
    Given<std::string> user{};
    Given<bool> privileged{};
    Given<std::string> working_dir{};
    Given<KeyValues> environment{};
    Origin origin{};

    friend bool operator==(const HookSpec&, const HookSpec&) = default;
};

/// A request to the service.
struct StepHttp {
    Given<std::string> method{};  ///< Default POST.
    Given<Text> path{};           ///< Default `/`.
    Given<PortName> port{};       ///< Default: the only published port.
    Given<KeyValues> headers{};
    Given<Text> body{};
    Given<std::string> body_file{};
    Given<CodeRanges> status{};  ///< Default 200-299.

    friend bool operator==(const StepHttp&, const StepHttp&) = default;
};

/// Something done once a service runs; exactly one of `exec`, `host`, `http`, `copy`, `container`.
struct StepSpec {
    Given<std::string> name{};  ///< Shown in reports; default `step N`.
    Given<ShellOrArgv> exec{};  ///< In the service's container.
    Given<ShellOrArgv> host{};  ///< On the host, with the exported environment.
    Given<StepHttp> http{};
    Given<CopySpec> copy{};
    Given<HookSpec> container{};  ///< In a helper container on the same networks.
    Given<Text> stdin_text{};     ///< Key `stdin`.
    Given<std::string> stdin_file{};
    Given<std::string> user{};
    Given<KeyValues> environment{};
    Given<Duration> timeout{};   ///< Default `timeouts.step`.
    Given<int> retries{};        ///< Default 0.
    Given<Duration> interval{};  ///< Between retries; default 1s.
    Given<CodeRanges> exit_code{};
    Given<std::string> capture{};  ///< Its trimmed output becomes `${service.output.NAME}`.
    Given<bool> ignore_failure{};
    Origin origin{};

    friend bool operator==(const StepSpec&, const StepSpec&) = default;
};

enum class KeepWhen { failure, always, success, never };

/// A file, directory or glob in the container that is copied out at teardown.
struct ArtifactSpec {
    Given<std::string> path{};  ///< Absolute, in the container; required.
    Given<std::string> to{};    ///< Below the run folder; default `<service>/<basename>`.
    Given<KeepWhen> when{};
    Given<bool> optional{};
    Given<Bytes> max_size{};
    Given<bool> stop_first{};  ///< The container is stopped before.
    Origin origin{};

    friend bool operator==(const ArtifactSpec&, const ArtifactSpec&) = default;
};

/// The engine's own health check of a container.
struct HealthcheckSpec {
    Given<Words> test{};  ///< Begins with CMD, CMD-SHELL or NONE.
    Given<Duration> interval{};
    Given<Duration> timeout{};
    Given<int> retries{};
    Given<Duration> start_period{};
    Given<Duration> start_interval{};
    Given<bool> disable{};

    friend bool operator==(const HealthcheckSpec&, const HealthcheckSpec&) = default;
};

}  // namespace berth
