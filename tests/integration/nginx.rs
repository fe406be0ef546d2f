//! A real nginx from the system's packages.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::api_server::http;

/// A running nginx, which is killed when this is dropped.
pub struct Nginx {
    child: Child,
    pub url: String,
    _folder: TempDir,
}

impl Nginx {
    /// Starts nginx on a free port, with the `configuration` for a folder and that port. If another
    /// program takes the port in the meantime, the next attempt uses another one.
    pub async fn start(configuration: impl Fn(&Path, u16) -> String) -> Self {
        for _ in 0..10 {
            if let Some(nginx) = Self::on(free_port(), &configuration).await {
                return nginx;
            }
        }
        panic!("nginx does not start");
    }

    async fn on(port: u16, configuration: &impl Fn(&Path, u16) -> String) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("nginx.conf"),
            configuration(folder.path(), port),
        )
        .unwrap();
        let mut command = Command::new(program());
        command
            .arg("-e")
            .arg(folder.path().join("error.log"))
            .arg("-c")
            .arg(folder.path().join("nginx.conf"));
        let child = command
            .arg("-p")
            .arg(folder.path())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx runs");
        let mut nginx = Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
            _folder: folder,
        };
        nginx.is_ready().await.then_some(nginx)
    }

    async fn is_ready(&mut self) -> bool {
        let http = http();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) && self.child.try_wait().unwrap().is_none()
        {
            if http
                .get(format!("{}/api/", self.url))
                .send()
                .await
                .is_ok_and(|answer| answer.status() == 200)
            {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> &'static str {
    let places = [
        "/usr/sbin/nginx",
        "/usr/local/sbin/nginx",
        "/usr/bin/nginx",
        "/usr/local/bin/nginx",
    ];
    places
        .into_iter()
        .find(|place| Path::new(place).is_file())
        .unwrap_or_else(|| {
            panic!("this test needs nginx: run `make test`, or `scripts/bootstrap test` once")
        })
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Returns a configuration with this `site`. It runs one process and writes only below `folder`.
pub fn whole(folder: &Path, site: &str) -> String {
    let folder = folder.display();
    format!(
        r"daemon off;
master_process off;
pid {folder}/pid;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{site}
}}
"
    )
}
