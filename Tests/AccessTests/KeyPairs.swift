/// Pairs of keys that were made for these tests with `openssl genpkey` and are used nowhere else.
struct KeyPair: Sendable {
    let privatePEM: String
    let publicPEM: String

    static let rsa = KeyPair(
        privatePEM: """
            -----BEGIN PRIVATE KEY-----
            MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCrGIeHGS6L3B3v
            y96GNih9Ka7lVLeb49OZA4Cl+ghdMclOQFvNGlJTzZzJPiPvKDtAu/HA8QmlQMAq
            MrDw/s1+06GEuI7V+3H+jJJlCIxF5OLv1UwqlodvOa3QZ2KM9MF7bJD12djJgwoe
            +YOIyN9ql/CF1KQ7SsT3oCLvQw4SYZd/DdQCIntnRRAL1PVh1D7eIYoOkHRiSQ9M
            vfutnM/OAQiHRgqe2WL6I67IdCBHBK1crVGhMPP2HClKpIWGI6yR/amDKHWhijDq
            xSVVcGoxvjtZ2magXFPMm0gHczN+dFaLZBbOg5cIypfVdls14pbBI/uTi4WF0eau
            vXYhcSUxAgMBAAECggEABQwUDbLo5nXg1w7Kr0KU4S/EB3VIdeJgNbsw3Mbcut+i
            9wgf2tzq6j0Zz6VhxkZ1Z96+5RibxGBZVADGhpxNoiYBfsPMtk+LlArkrzxPLLuD
            8ACvzF72+vcf5+4U0pdgouwp9WtBBgsPIBaBpK8ykk5E1yJn/5F7y/4+6ZOu9Uyp
            6Jv18tkrhT3GhunKDyet7hcqBgn022RNcHVz926waeTTYnjqVj3e2aMcsKVAuwg0
            hnWToWfdKc9ig0Tlpf947dZ3eTyaH6E9CMNJT6fb5nybHM9H40bhd3nS9wF/1/yJ
            ocBFWJ7GDCys8xnMLGmQHhKPb9sXwi+vWKHEynpxPQKBgQDdJQTKgCEJlhpl7Apz
            SLCyPCJ0MiP6KwLjJc3JRYQw0tPjP9X3DRMuKMZ7ioZR/drJAGzHVJQf8OjjTOTS
            ZA4Yw8RO+J8Fcm5Ixu5aXx5Lx6dIXm0oyCw8OU0gtqIotU0/CgSoIXrXxBC6rDun
            5Jp7hqQztq/d+ZVrvnpH7TI0EwKBgQDGEBaVU+PPXM78qUYTbIBrUCZ0dKFdCb1G
            jboiIm8D4aUY9m87RhRz4C5M1Jux/IpegyGjKH3rKSn/0XLGvqkxuBiHnwN/edHp
            RluAs+tiVh9JqQe3vuOWx+5R4cVLvPoBzreb9ULiZ1ercI9V3CpRapv0t0apIz8Y
            jGx1IMTCKwKBgQCCMUQTz8EjeqpJ7N/uJRJZrEuAavCBXIcToXL4lqOPdt9lv3RB
            QQJUv46ytsgDR1dh1I02ANY/w73n66IfNuaRr9dHwtkkBM1mrS8wJyWX6Y/TbDwJ
            sWdRgU6l/r+TBcHXZhd9wFAo7PYIYFOysUQ9ivPquhfpsAFG8FnfNIbE3wKBgCyV
            +I97CABpEwtbi7PZq/r8WvvCOYT5KUuVof4HJFiKViENcLK2Lup639FZ1wa1I+zs
            tgjFl7r1VEgLPTwyNWJE3/i/ugjbQn6x4O1TEzzayEZLr7oUVaVesm5qVYCcNOdt
            QnXwOzM+MkUcnJembTxQtHTdQSHYFl8PVWb0jnZrAoGAUZOVxnjv0S3Xl76Zsibp
            kxTqA7AxGm+mbVCqhdPsju7NOu0bFyjJdQqA435+JpC64VY97w6si4hI0en6A8vE
            82e6PB3WsGmFVUrc3o2jLOsyn2fU6DKHP2oZ6Qy17c4n7uU5tQ00PPl94NDdql+k
            Hx4DK75O+bZurGlCyrGEiNI=
            -----END PRIVATE KEY-----
            """,
        publicPEM: """
            -----BEGIN PUBLIC KEY-----
            MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqxiHhxkui9wd78vehjYo
            fSmu5VS3m+PTmQOApfoIXTHJTkBbzRpSU82cyT4j7yg7QLvxwPEJpUDAKjKw8P7N
            ftOhhLiO1ftx/oySZQiMReTi79VMKpaHbzmt0GdijPTBe2yQ9dnYyYMKHvmDiMjf
            apfwhdSkO0rE96Ai70MOEmGXfw3UAiJ7Z0UQC9T1YdQ+3iGKDpB0YkkPTL37rZzP
            zgEIh0YKntli+iOuyHQgRwStXK1RoTDz9hwpSqSFhiOskf2pgyh1oYow6sUlVXBq
            Mb47WdpmoFxTzJtIB3MzfnRWi2QWzoOXCMqX1XZbNeKWwSP7k4uFhdHmrr12IXEl
            MQIDAQAB
            -----END PUBLIC KEY-----
            """)

    static let weakRSA = KeyPair(
        privatePEM: """
            -----BEGIN PRIVATE KEY-----
            MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBANln7pt0wiDPbMag
            LPN8AAc7/xChurWg1rGXj9ZI9oyIBgayXnwHeamnvV45Rl6czB+fdBExUAx+UeXB
            VjKYb8KdriGRs7GupYg9qe3ImiYcxHBWazeqIfHwbl1nUx6sq3QHdz2X9mV7igsj
            QOG+ZXuUCa3UfwN4ggcedR50tSZ3AgMBAAECgYA6wYwLF5Mfqu+K/t8nLuwTCHP2
            2r7LN5zOgletYiq/8EMwrCQ9AQgwgdT8Eh6ik13XbhDAVMN9nOYlYgsZwXjycIH3
            VCNnVugXifR3MZl0Wsi40m4iyaDfFFFv9+1xfXsvxv9i1xHhPV+r+QJoOg+cstLv
            yBAuu3Xblt38lEwJgQJBAO/LWeSFk4fmtyX3DhWwTSg7+uAFer+FjEF+xtJP3B8x
            l6A7NpYAVLau/KZesRgvo6O6yAXeU7Olir4/74MDy9sCQQDoGT4470gXQmx3fw5T
            KgztLNRY7WjbwfdMpQ/bHt/hPRSRGpWZXYxFMHxwpoIaL/bkScW8ILQ5z28CpF4W
            VoCVAkBitsDLvV1tbcHppBmtPgWVUZPGUxsj6rNBZxIsE+oXAVBdCuM+vuYgykqB
            pquavEnOJh8fo1Wrt7M0/Jb5xT9PAkBBN26bcujv2DNANIxi4+rz7efRAQy4yzzg
            5XSaHofL82zHBRBKItYaTvB4euEN2LJoHS6ZmRrrL5VCycrCPhYtAkBl7gOYLJiP
            W24I4OW4bK39nBnkwkFhVQ0s+OaFpGcMYNP6INXZnTYjwL0dDKXg5jxFJ9r83Dhu
            bxLbEvbw9f/w
            -----END PRIVATE KEY-----
            """,
        publicPEM: """
            -----BEGIN PUBLIC KEY-----
            MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDZZ+6bdMIgz2zGoCzzfAAHO/8Q
            obq1oNaxl4/WSPaMiAYGsl58B3mpp71eOUZenMwfn3QRMVAMflHlwVYymG/Cna4h
            kbOxrqWIPantyJomHMRwVms3qiHx8G5dZ1MerKt0B3c9l/Zle4oLI0DhvmV7lAmt
            1H8DeIIHHnUedLUmdwIDAQAB
            -----END PUBLIC KEY-----
            """)

    static let p256 = KeyPair(
        privatePEM: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmqXAWw4SU+JI6NES
            IWovC1xLjcn1DmVjMhXeW7/IfHihRANCAATaToD9BxI5UWGns6KW88LHMoqCRs+Y
            Y8w6Qlezgu89lrcTEoW7hSnBjbv4uKSNftIkhceGQ6GSywa6roBFWM0I
            -----END PRIVATE KEY-----
            """,
        publicPEM: """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2k6A/QcSOVFhp7OilvPCxzKKgkbP
            mGPMOkJXs4LvPZa3ExKFu4UpwY27+LikjX7SJIXHhkOhkssGuq6ARVjNCA==
            -----END PUBLIC KEY-----
            """)

    static let p384 = KeyPair(
        privatePEM: """
            -----BEGIN PRIVATE KEY-----
            MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAxm2tRdj7HTMbvanFW
            RBbFNpUX+YgUiTfSoLaefbTRGO0KMS5KXE6Nsx+gc6z46LKhZANiAAT4RfZELBNv
            gGA7xcybnZS+TJsZqhubBfftO44K12MP7zQ71/oANnpHJk2zab1NM1oz7paILZRu
            TpMDyOIXbWGTYdmimgBJTL0m7UbxFnUj5Yu7tLkV4JbeKCLQYrfr1pc=
            -----END PRIVATE KEY-----
            """,
        publicPEM: """
            -----BEGIN PUBLIC KEY-----
            MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE+EX2RCwTb4BgO8XMm52UvkybGaobmwX3
            7TuOCtdjD+80O9f6ADZ6RyZNs2m9TTNaM+6WiC2Ubk6TA8jiF21hk2HZopoASUy9
            Ju1G8RZ1I+WLu7S5FeCW3igi0GK369aX
            -----END PUBLIC KEY-----
            """)

    static let p521 = KeyPair(
        privatePEM: """
            -----BEGIN PRIVATE KEY-----
            MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIBEet77FZaG6PvCpla
            bLxkk5F7HiYVgy9EYXL9U8H3OtxV2arUy0KbxX7kCknbzQ1B+vjkmlCKOQ/KAgxf
            JaH89B6hgYkDgYYABAA7KaaTkgnswVRcAJgYF6PuLeZe2dITaPNJKt4OupX8y7Wm
            WE6c9VW8bqdgO2R26AXPzBmjP5GOf7WcDueCPmWuXgEHkYuGwbQx0H+KYoAB+Hm4
            /uRe3nfS2q0i7kkWzkFSg6Mu/6tlUcntELIchRjUYkiq1krQheBkgnGxxk+FNMEF
            EA==
            -----END PRIVATE KEY-----
            """,
        publicPEM: """
            -----BEGIN PUBLIC KEY-----
            MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAOymmk5IJ7MFUXACYGBej7i3mXtnS
            E2jzSSreDrqV/Mu1plhOnPVVvG6nYDtkdugFz8wZoz+Rjn+1nA7ngj5lrl4BB5GL
            hsG0MdB/imKAAfh5uP7kXt530tqtIu5JFs5BUoOjLv+rZVHJ7RCyHIUY1GJIqtZK
            0IXgZIJxscZPhTTBBRA=
            -----END PUBLIC KEY-----
            """)

    static let ed25519 = KeyPair(
        privatePEM: """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEIDQUjBTo50MRlPtOQneJr2wCgFp0MoRXYI5LLMUOBd95
            -----END PRIVATE KEY-----
            """,
        publicPEM: """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEAHpv9+KZxu8URKu5ouFGr68h02dZwYD0OPBg6fdfb3Tw=
            -----END PUBLIC KEY-----
            """)

    static let otherP256 = KeyPair(
        privatePEM: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMo3PuSObI59ULh22
            8l7EgvR38McTWn2VwWcEEvcDu1ehRANCAATklhRKMkn5BawVyeQWZJvKX7Dx9rP7
            AeaawDcd7uI7ULr4CLfs5437KiscHV9y/3ZgS8ZPt3A7neUJf8QuxR4J
            -----END PRIVATE KEY-----
            """,
        publicPEM: """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5JYUSjJJ+QWsFcnkFmSbyl+w8faz
            +wHmmsA3He7iO1C6+Ai37OeN+yorHB1fcv92YEvGT7dwO53lCX/ELsUeCQ==
            -----END PUBLIC KEY-----
            """)
}
