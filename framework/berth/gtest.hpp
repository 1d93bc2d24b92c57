// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Berth's hooks for GoogleTest: an environment for the program (BERTH_ENVIRONMENT), for a suite (SuiteEnvironment) or
/// for each test (TestEnvironment). Link `berth::gtest`.

#include <berth/gtest/global.hpp>
#include <berth/gtest/options.hpp>
#include <berth/gtest/scopes.hpp>
#include <berth/gtest/state.hpp>
