//! schemathesis asks whatever the document allows and forbids: nothing may break, nothing may answer what is not in it.

use std::process::Stdio;

use journeys::CANGZHOU_HOST;
use tokio::process::Command;

use super::apply::{Scene, ready};

/// What counts as a failure.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
                      response_headers_conformance,unsupported_method,allow_header_conformance";

/// What they do may end the token that the others are asked with: ids out of answers are asked again, the device's own among them.
const ENDING: [&str; 2] = ["/api/v1/tokens/current", "/api/v1/account/devices/{id}"];

/// Runs the program over the doors that `choice` leaves it.
async fn conforms(scene: &Scene, choice: &str) {
    let program = std::env::var("SCHEMATHESIS").expect("SCHEMATHESIS: where the program is");
    let port = scene.world.address.port();
    let document = format!("http://127.0.0.1:{port}/api/v1/openapi.json");
    let headers = [
        format!("Host: {CANGZHOU_HOST}:{port}"),
        format!("X-Device-Id: {}", scene.phone.device),
        format!("Authorization: Bearer {}", scene.phone.access),
    ];
    let mut command = Command::new(program);
    command
        .args(["run", &document, "--checks", CHECKS])
        .args(["--phases", "examples,coverage,fuzzing", "--seed", "1"])
        // Alone: two threads of a Python before 3.13 that read source at the same moment count each other's depth
        // (python/cpython#106905).
        .args(["--max-examples", "8", "--workers", "1", "--no-color"])
        .args(["--warnings", "off"]);
    for path in ENDING {
        command.args([choice, path]);
    }
    for header in &headers {
        command.args(["--header", header]);
    }
    let scratch = std::env::temp_dir().join(format!("yjr-schemathesis-{port}"));
    std::fs::create_dir_all(&scratch).expect("a place to work");
    let run = command
        .current_dir(&scratch)
        .stdin(Stdio::null())
        .output()
        .await
        .expect("it runs");
    std::fs::remove_dir_all(&scratch).ok();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{told}");
    assert!(told.contains("passed"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs schemathesis, which `make test` installs and then runs this"]
async fn schemathesis_finds_no_server_error_and_no_undocumented_answer() {
    let scene = ready().await;
    conforms(&scene, "--exclude-path").await;
    // Whoever was asked as a stranger would have been told 401 everywhere, and nothing found.
    scene.phone.get("/api/v1/me").await.expect(200);
    conforms(&scene, "--include-path").await;
}
