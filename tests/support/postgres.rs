//! Schemas in the PostgreSQL server that `scripts/with-postgres` starts. Included by the unit tests
//! and by the integration tests.

use sqlx::{AnyConnection, Connection as _, Executor as _};

/// Creates a schema, which takes a hundredth of the time that a database takes, and returns its
/// URL.
pub async fn create_schema(server_url: &str) -> String {
    sqlx::any::install_default_drivers();
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let mut connection = AnyConnection::connect(server_url).await.unwrap();
    let sql = format!("CREATE SCHEMA {name}");
    connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
    format!("{server_url}&options[search_path]={name}&application_name={name}")
}

/// Returns the URL of the server, which has query parameters already.
pub fn server_url() -> String {
    std::env::var("MOCK_INTERVIEWER_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!(
            "this test needs PostgreSQL: run `make test`, or `scripts/bootstrap check` once and \
             `scripts/with-postgres cargo test …`"
        )
    })
}
