//! A port that stands for another: what comes in goes out there, byte by byte, TLS included.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};

pub(super) async fn forward(listener: TcpListener, to: SocketAddr) {
    loop {
        // An accept fails when a client is gone already: the next one may do better.
        let Ok((mut client, _)) = listener.accept().await else { continue };
        tokio::spawn(async move {
            let Ok(mut server) = TcpStream::connect(to).await else { return };
            let quick = client.set_nodelay(true).and_then(|()| server.set_nodelay(true));
            if quick.is_ok() {
                // It ends when either side leaves, which is how every connection ends.
                tokio::io::copy_bidirectional(&mut client, &mut server).await.ok();
            }
        });
    }
}
