// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/environment.hpp>
#include <berth/spec/field_table.hpp>

namespace berth {

template <>
struct EnumNames<PullPolicy> {
    static constexpr EnumTable<PullPolicy, 4> k_names{{{"missing", PullPolicy::missing},
                                                       {"always", PullPolicy::always},
                                                       {"never", PullPolicy::never},
                                                       {"build", PullPolicy::build}}};
};

template <>
struct EnumNames<Publish> {
    static constexpr EnumTable<Publish, 3> k_names{
        {{"auto", Publish::automatic}, {"always", Publish::always}, {"never", Publish::never}}};
};

template <>
struct EnumNames<Protocol> {
    static constexpr EnumTable<Protocol, 3> k_names{
        {{"tcp", Protocol::tcp}, {"udp", Protocol::udp}, {"sctp", Protocol::sctp}}};
};

template <>
struct EnumNames<DependsCondition> {
    static constexpr EnumTable<DependsCondition, 5> k_names{
        {{"service_started", DependsCondition::service_started},
         {"service_healthy", DependsCondition::service_healthy},
         {"service_completed_successfully", DependsCondition::service_completed_successfully},
         {"service_ready", DependsCondition::service_ready},
         {"service_completed", DependsCondition::service_completed}}};
};

template <>
struct EnumNames<MountSpec::Type> {
    static constexpr EnumTable<MountSpec::Type, 4> k_names{{{"volume", MountSpec::Type::volume},
                                                            {"bind", MountSpec::Type::bind},
                                                            {"tmpfs", MountSpec::Type::tmpfs},
                                                            {"image", MountSpec::Type::image}}};
};

template <>
struct EnumNames<RestartPolicy::Kind> {
    static constexpr EnumTable<RestartPolicy::Kind, 4> k_names{{{"no", RestartPolicy::Kind::no},
                                                                {"always", RestartPolicy::Kind::always},
                                                                {"unless-stopped", RestartPolicy::Kind::unless_stopped},
                                                                {"on-failure", RestartPolicy::Kind::on_failure}}};
};

template <>
struct EnumNames<WaitHttp::Scheme> {
    static constexpr EnumTable<WaitHttp::Scheme, 2> k_names{
        {{"http", WaitHttp::Scheme::http}, {"https", WaitHttp::Scheme::https}}};
};

template <>
struct EnumNames<WaitHttp::Method> {
    static constexpr EnumTable<WaitHttp::Method, 5> k_names{{{"GET", WaitHttp::Method::get},
                                                             {"HEAD", WaitHttp::Method::head},
                                                             {"POST", WaitHttp::Method::post},
                                                             {"PUT", WaitHttp::Method::put},
                                                             {"OPTIONS", WaitHttp::Method::options}}};
};

template <>
struct EnumNames<WaitLog::Stream> {
    static constexpr EnumTable<WaitLog::Stream, 3> k_names{
        {{"both", WaitLog::Stream::both}, {"stdout", WaitLog::Stream::out}, {"stderr", WaitLog::Stream::err}}};
};

template <>
struct EnumNames<WaitHealth::OnUnhealthy> {
    static constexpr EnumTable<WaitHealth::OnUnhealthy, 2> k_names{
        {{"fail", WaitHealth::OnUnhealthy::fail}, {"keep_waiting", WaitHealth::OnUnhealthy::keep_waiting}}};
};

template <>
struct EnumNames<KeepWhen> {
    static constexpr EnumTable<KeepWhen, 4> k_names{{{"failure", KeepWhen::failure},
                                                     {"always", KeepWhen::always},
                                                     {"success", KeepWhen::success},
                                                     {"never", KeepWhen::never}}};
};

template <>
struct EnumNames<Scope> {
    static constexpr EnumTable<Scope, 5> k_names{{{"test", Scope::test},
                                                  {"suite", Scope::suite},
                                                  {"process", Scope::process},
                                                  {"session", Scope::session},
                                                  {"shared", Scope::shared}}};
};

template <>
struct EnumNames<Keep> {
    static constexpr EnumTable<Keep, 3> k_names{
        {{"never", Keep::never}, {"on_failure", Keep::on_failure}, {"always", Keep::always}}};
};

template <>
struct EnumNames<Teardown> {
    static constexpr EnumTable<Teardown, 3> k_names{
        {{"auto", Teardown::automatic}, {"wait", Teardown::wait}, {"background", Teardown::background}}};
};

template <>
struct EnumNames<Defaults::Bind> {
    static constexpr EnumTable<Defaults::Bind, 3> k_names{
        {{"auto", Defaults::Bind::automatic}, {"loopback", Defaults::Bind::loopback}, {"all", Defaults::Bind::all}}};
};

template <>
struct EnumNames<Defaults::UnsetVariables> {
    static constexpr EnumTable<Defaults::UnsetVariables, 3> k_names{{{"error", Defaults::UnsetVariables::error},
                                                                     {"warn", Defaults::UnsetVariables::warn},
                                                                     {"empty", Defaults::UnsetVariables::empty}}};
};

template <>
struct EnumNames<CgroupMode> {
    static constexpr EnumTable<CgroupMode, 2> k_names{{{"host", CgroupMode::host}, {"private", CgroupMode::own}}};
};

template <>
struct EnumNames<LogProtocol> {
    static constexpr EnumTable<LogProtocol, 2> k_names{{{"none", LogProtocol::none}, {"lines", LogProtocol::lines}}};
};

template <>
struct EnumNames<Snapshot> {
    static constexpr EnumTable<Snapshot, 2> k_names{
        {{"never", Snapshot::never}, {"after_ready", Snapshot::after_ready}}};
};

template <>
struct EnumNames<NetworkSharing> {
    static constexpr EnumTable<NetworkSharing, 2> k_names{{{"own", NetworkSharing::own}, {"pod", NetworkSharing::pod}}};
};

template <>
struct EnumNames<Naming> {
    static constexpr EnumTable<Naming, 2> k_names{{{"unique", Naming::unique}, {"fixed", Naming::fixed}}};
};

template <>
struct EnumNames<HostPorts> {
    static constexpr EnumTable<HostPorts, 2> k_names{
        {{"ephemeral", HostPorts::ephemeral}, {"as_written", HostPorts::as_written}}};
};

template <>
struct EnumNames<ReportForm> {
    static constexpr EnumTable<ReportForm, 3> k_names{
        {{"json", ReportForm::json}, {"junit", ReportForm::junit}, {"text", ReportForm::text}}};
};

template <>
struct EnumNames<Allowance> {
    static constexpr EnumTable<Allowance, 3> k_names{{{"privileged", Allowance::privileged},
                                                      {"engine_socket", Allowance::engine_socket},
                                                      {"outside_binds", Allowance::outside_binds}}};
};

template <>
struct EnumNames<EnvFile::Format> {
    static constexpr EnumTable<EnvFile::Format, 2> k_names{
        {{"default", EnvFile::Format::with_quotes}, {"raw", EnvFile::Format::raw}}};
};

template <>
struct EnumNames<BuildSpec::Builder> {
    static constexpr EnumTable<BuildSpec::Builder, 3> k_names{{{"auto", BuildSpec::Builder::automatic},
                                                               {"engine", BuildSpec::Builder::engine},
                                                               {"cli", BuildSpec::Builder::cli}}};
};

template <>
struct EnumNames<GenerateSpec::Charset> {
    static constexpr EnumTable<GenerateSpec::Charset, 4> k_names{{{"alnum", GenerateSpec::Charset::alnum},
                                                                  {"alpha", GenerateSpec::Charset::alpha},
                                                                  {"digits", GenerateSpec::Charset::digits},
                                                                  {"hex", GenerateSpec::Charset::hex}}};
};

template <>
struct EnumNames<BindOptions::Propagation> {
    static constexpr EnumTable<BindOptions::Propagation, 6> k_names{{{"rprivate", BindOptions::Propagation::rprivate},
                                                                     {"private", BindOptions::Propagation::private_},
                                                                     {"rshared", BindOptions::Propagation::rshared},
                                                                     {"shared", BindOptions::Propagation::shared},
                                                                     {"rslave", BindOptions::Propagation::rslave},
                                                                     {"slave", BindOptions::Propagation::slave}}};
};

template <>
struct EnumNames<BindOptions::Selinux> {
    static constexpr EnumTable<BindOptions::Selinux, 2> k_names{
        {{"z", BindOptions::Selinux::shared}, {"Z", BindOptions::Selinux::private_}}};
};

template <>
struct EnumNames<PortSpec::Mode> {
    static constexpr EnumTable<PortSpec::Mode, 2> k_names{
        {{"host", PortSpec::Mode::host}, {"ingress", PortSpec::Mode::ingress}}};
};

template <>
struct EnumNames<WaitPort::From> {
    static constexpr EnumTable<WaitPort::From, 4> k_names{{{"host", WaitPort::From::host},
                                                           {"address", WaitPort::From::address},
                                                           {"container", WaitPort::From::container},
                                                           {"both", WaitPort::From::both}}};
};

template <>
struct EnumNames<ReuseSpec::Reuse> {
    static constexpr EnumTable<ReuseSpec::Reuse, 3> k_names{{{"never", ReuseSpec::Reuse::never},
                                                             {"session", ReuseSpec::Reuse::session},
                                                             {"machine", ReuseSpec::Reuse::machine}}};
};

template <>
struct EnumNames<FaultSpec::Kind> {
    static constexpr EnumTable<FaultSpec::Kind, 9> k_names{{{"pause", FaultSpec::Kind::pause},
                                                            {"stop", FaultSpec::Kind::stop},
                                                            {"kill", FaultSpec::Kind::kill},
                                                            {"restart", FaultSpec::Kind::restart},
                                                            {"disconnect", FaultSpec::Kind::disconnect},
                                                            {"latency", FaultSpec::Kind::latency},
                                                            {"loss", FaultSpec::Kind::loss},
                                                            {"bandwidth", FaultSpec::Kind::bandwidth},
                                                            {"exec", FaultSpec::Kind::exec}}};
};

template <>
struct EnumNames<ImportSpec::Ports> {
    static constexpr EnumTable<ImportSpec::Ports, 2> k_names{
        {{"ephemeral", ImportSpec::Ports::ephemeral}, {"as_written", ImportSpec::Ports::as_written}}};
};

template <>
struct EnumNames<ImportSpec::DependsOn> {
    static constexpr EnumTable<ImportSpec::DependsOn, 2> k_names{
        {{"as_written", ImportSpec::DependsOn::as_written}, {"ready", ImportSpec::DependsOn::ready}}};
};

template <>
struct EnumNames<NetworkMode::Kind> {
    static constexpr EnumTable<NetworkMode::Kind, 5> k_names{{{"none", NetworkMode::Kind::none},
                                                              {"host", NetworkMode::Kind::host},
                                                              {"bridge", NetworkMode::Kind::bridge},
                                                              {"service", NetworkMode::Kind::service},
                                                              {"container", NetworkMode::Kind::container}}};
};

}  // namespace berth
