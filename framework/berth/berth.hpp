// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// All of Berth but the GoogleTest hooks (<berth/gtest.hpp>).

#include <berth/core/deadline.hpp>
#include <berth/core/error.hpp>
#include <berth/engine/build.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/engine.hpp>
#include <berth/engine/events.hpp>
#include <berth/engine/images.hpp>
#include <berth/engine/networks.hpp>
#include <berth/engine/system.hpp>
#include <berth/engine/volumes.hpp>
#include <berth/runtime/environment.hpp>
#include <berth/spec/environment.hpp>
#include <berth/spec/validation.hpp>
#include <berth/yaml/compose.hpp>
#include <berth/yaml/reader.hpp>
