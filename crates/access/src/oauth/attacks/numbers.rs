//! Numbers that are weak in themselves: signatures that fit every text, and a proof of a key that was too short for its time.

/// Order of P-256.
pub(super) const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// A sound DPoP proof in everything but its RSA key, which has 1024 bits: GET of the users, at [`super::forger::NOW`], for
/// [`super::forger::ACCESS_TOKEN`].
pub(super) const WEAK_RSA_PROOF: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IlJTMjU2IiwiandrIjp7Imt0eSI6IlJTQSIsIm4iOiJ3Ukd2TUhnWVppSk5vYlgzX2piLVdYbGpkc0wwVm9KSFlyUlFpcEVSVjRUdmtyN1RwOTdQSklCWThGNzI5cVNKdlRidzd6VlNwb3dfQ2lEOU9MQlhjdVNycXhqTlF4Zk9pLWxPZHM1dlI5MmczdURqaFZxVkFPN0h6OTEtaEpXaDZ1dFF4cGpXNkl5U0VjRmYxRFhseS02eVZ2T3V2Y1BCV0VuNm1RYVYtQUUiLCJlIjoiQVFBQiJ9fQ.eyJodG0iOiJHRVQiLCJodHUiOiJodHRwczovL2dhdGV3YXkuZXhhbXBsZS5jb20vYXBpL3YxL3VzZXJzIiwiaWF0IjoxNzAwMDAwMDAwLCJqdGkiOiJ3ZWFrIiwiYXRoIjoiVWtNMmI0MkU1NHU0aFd6dUtWX0Izenl1bFVBNnZ0TllqSlV2X3J1MlFjayJ9.Xn-P2Tn7DxGJtENNL2KbBdUql6zYdRF3uZtBqOq326wANWAwqHvo1xdQe3negcItEVjbAyxUh8inHv2l8DUVKJZ9TjVKCCh2RbjknjXE-lXbKHVvdv_8yFVVvuKqtibxc0HNYymmBg8WLiuuqJGRH_a51q3fTNqCuOgnXBcVYe8";

/// Numbers `r` and `s` that a verifier without range checks finds fitting (CVE-2022-21449), and their like.
pub(super) fn psychic_signatures() -> Vec<(&'static str, Vec<u8>)> {
    let (zero, one) = ([0; 32], {
        let mut one = [0; 32];
        one[31] = 1;
        one
    });
    vec![
        ("zero and zero", [zero, zero].concat()),
        ("zero and one", [zero, one].concat()),
        ("one and zero", [one, zero].concat()),
        ("order and order", [ORDER, ORDER].concat()),
        ("zero and order", [zero, ORDER].concat()),
        ("order and one", [ORDER, one].concat()),
        ("all ones", vec![0xff; 64]),
        ("one byte", vec![0]),
        ("half", vec![0; 32]),
        ("DER of zeros", vec![0x30, 6, 2, 1, 0, 2, 1, 0]),
        ("RSA zeros", vec![0; 256]),
        ("RSA one", {
            let mut one = vec![0; 256];
            one[255] = 1;
            one
        }),
    ]
}
